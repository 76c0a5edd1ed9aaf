"""Many utterances through one model: from a folder or a split to answers, scores, confusions and a file."""
