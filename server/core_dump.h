// A core dump has all that the process knows: the private key, passwords, tokens, who calls whom. So adieud
// lets none be written. The hard limit stays: `prlimit --pid PID --core=unlimited` allows one while it runs.

#pragma once

namespace adieu {

// Once, by main, before secrets are read. Where the system does not let it, nothing happens.
void RefuseCoreDumps();

}  // namespace adieu
