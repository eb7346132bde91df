"""From violations to messages: which go where, when, in which words, and each once."""
