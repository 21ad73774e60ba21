#include "client/cli/interrupt.h"

#include <pthread.h>

#include <cstdlib>

#include "client/cli/session.h"

namespace adieu::cli {

Interrupt::Interrupt() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::thread([this] { Run(); });
}

Interrupt::~Interrupt() {
  over_ = true;
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupt::Run() {
  for (;;) {
    int signal = 0;
    sigwait(&signals_, &signal);
    if (over_) return;
    if (stop_.stop_requested()) std::_Exit(kInterrupted);
    stop_.request_stop();
  }
}

}  // namespace adieu::cli
