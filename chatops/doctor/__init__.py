"""Whether a company's chat is well: looked at from outside as its people do, and from inside.

`outcome` is the vocabulary, `probes` touches the network, `outside`, `video` and `inside` hold the
checks. A check tells what it saw and what to do; it never raises, and changes nothing.
"""
