"""Clean the text of documents: encoding, page furniture, hyphenation, junk, near duplicates."""
