"""The change form as a document to send: Markdown and JSON by itself, PDF with the extra `pdf` (R147, R150, R151)."""
