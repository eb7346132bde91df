"""What tests of plugins are made of: emulators of the platforms, and faults for them (the extra `tracevet[testing]`).

`tracevet.testing.langfuse.LangfuseEmulator` is a Langfuse on 127.0.0.1 that the real SDKs talk to.
"""
