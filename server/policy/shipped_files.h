#pragma once

namespace adieu::policy {

// The text of the files in shipped/, which the build puts into the program. Each is an
// adieu.v1.CancelPolicy in protobuf's text format.
extern const char kBuiltinFile[];
extern const char kQuietKillsFile[];

}  // namespace adieu::policy
