#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "server/engine/engine.h"

namespace adieu::process {

// Clients of the API without gRPC, each a thread: one watches and comes back with its resume token, one
// lists, explains and ends the calls that it sees, one sweeps and goes away in the middle. They act until the
// destructor, which waits for them.
class Clients {
 public:
  explicit Clients(engine::Engine* engine);
  ~Clients();

  // Watches that ended with the server's last bookmark.
  int last_bookmarks() const { return last_bookmarks_; }

 private:
  void Watch();
  void Terminate();
  void Sweep();

  engine::Engine* const engine_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> last_bookmarks_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace adieu::process
