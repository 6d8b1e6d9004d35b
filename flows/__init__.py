"""One file per documented procedure, and the sweeps. A flow reads like its chapter of the manual."""
