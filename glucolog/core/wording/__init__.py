"""Every clinical sentence a person can read, one file a topic, so that a clinician can review the words alone.

Sentences are format strings in constants: association only, never cause, no dose, every estimate with its interval
and n. A test reads every string of this package against the words of the clinical reference, section 8.
"""
