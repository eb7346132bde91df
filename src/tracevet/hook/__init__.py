"""Vetting in the agent: an assistant's hook asks before it writes or runs code, a warm process answers.

`start` and `client` run in the assistant's way and import next to nothing; all else runs in the server.
"""
