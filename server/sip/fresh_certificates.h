#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adieu/config/v1/config.pb.h"
#include "server/config/file_watch.h"
#include "server/metrics/metrics.h"
#include "server/sip/tls_identity.h"

namespace adieu::sip {

// Reads the files of `tls.certificate_dir` again when they change: what is good is used for new connections,
// what is not is logged, and the old one counts on. Owns a thread (FileWatch), when there is a listener with
// TLS. Owned by the agent; `metrics` must outlive it.
class FreshCertificates {
 public:
  // `identities`: of each listener; null: without TLS.
  FreshCertificates(const config::v1::Sip& sip, std::vector<std::shared_ptr<TlsIdentity>> identities,
                    metrics::Metrics& metrics);

 private:
  struct Watched {
    // With what is in use. As all below it belongs to the thread, once that runs.
    config::v1::Listener listener;
    std::shared_ptr<TlsIdentity> identity;
    // The error that was logged last; empty: the files were good.
    std::string error;
  };

  // True: they are good, and in use.
  bool Read(Watched* watched);
  void Use(const config::v1::Listener& listener);

  metrics::Metrics& metrics_;
  std::vector<std::unique_ptr<Watched>> watched_;
  std::optional<config::FileWatch> watch_;
};

}  // namespace adieu::sip
