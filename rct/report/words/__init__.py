"""What the documents' sentences share: language, numbers as they are shown, phrases, what a p-value says."""
