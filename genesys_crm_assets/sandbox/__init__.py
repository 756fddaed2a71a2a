"""Both vendors as one small stateful application on loopback: a world drawn from a seed, and two faithful doors to it.

What belongs here: the world (people, cases, conversations and which case each was truly about), the two HTTP applications, scripted faults.
What must not enter: anything else of this distribution. The sandbox is the other side of the wire and shares no code with what it tests.
"""
