#include "server/config/override.h"

#include <string>
#include <utility>

#include "server/base/utf8.h"
#include "server/config/problems.h"

namespace adieu::config {
namespace {

class Overrider {
 public:
  Overrider(Settings* settings, Problems* problems) : settings_(settings), problems_(problems) {}

  // `set` is called with the flag's value when the flag is given.
  template <typename Set>
  void Text(const std::optional<std::string>& value, const char* flag, const char* path, Set set) {
    if (!value) return;
    settings_->origins.Set(path, flag);
    if (value->empty() || base::HasControl(*value) || !base::IsUtf8(*value)) {
      problems_->Add(path, value->empty() ? "is empty" : "has a control character or is not UTF-8");
    } else {
      set(*value);
    }
  }

  void SipListen(const std::vector<std::string>& addresses) {
    if (addresses.empty()) return;
    v1::Sip& sip = *settings_->config.mutable_sip();
    sip.clear_listeners();
    settings_->origins.Set("sip.listeners", "--sip-listen");
    for (const std::string& address : addresses) {
      const int number = sip.listeners_size() + 1;
      v1::Listener* listener = sip.add_listeners();
      listener->set_name(number == 1 ? "default" : "default-" + std::to_string(number));
      Text(address, "--sip-listen", ("sip.listeners[" + std::to_string(number - 1) + "].address").c_str(),
           [&](const std::string& value) { listener->set_address(value); });
    }
  }

  void Store(const std::string& kind) {
    constexpr char kSqlite[] = "sqlite:";
    v1::Store& store = *settings_->config.mutable_store();
    store.Clear();
    if (kind == "memory") {
      store.mutable_memory();
    } else if (kind.rfind(kSqlite, 0) == 0 && kind.size() > sizeof(kSqlite) - 1) {
      store.mutable_sqlite()->set_path(kind.substr(sizeof(kSqlite) - 1));
    } else if (kind.rfind("redis://", 0) == 0) {
      problems_->Add("store", "redis is not built yet in this version");
    } else {
      problems_->Add("store", "must be memory or sqlite:PATH, is " + Quote(kind));
    }
  }

 private:
  Settings* const settings_;
  Problems* const problems_;
};

}  // namespace

std::optional<base::Error> OverrideConfig(const Flags& flags, Settings* settings) {
  v1::Config& config = settings->config;
  Problems problems(settings->origins);
  Overrider over(settings, &problems);
  over.SipListen(flags.sip_listen);
  over.Text(flags.grpc_listen, "--grpc-listen", "api.listen",
            [&](const std::string& value) { config.mutable_api()->set_listen(value); });
  over.Text(flags.metrics_listen, "--metrics-listen", "metrics.listen",
            [&](const std::string& value) { config.mutable_metrics()->set_listen(value); });
  over.Text(flags.instance, "--instance", "instance",
            [&](const std::string& value) { config.set_instance(value); });
  over.Text(flags.store, "--store", "store", [&](const std::string& value) { over.Store(value); });
  over.Text(flags.log_level, "--log-level", "log.level",
            [&](const std::string& value) { config.mutable_log()->set_level(value); });
  over.Text(flags.log_format, "--log-format", "log.format",
            [&](const std::string& value) { config.mutable_log()->set_format(value); });
  if (flags.insecure_api) {
    settings->origins.Set("api.insecure", "--insecure-api");
    config.mutable_api()->set_insecure(true);
  }
  if (problems.empty()) return std::nullopt;
  return problems.ToError();
}

}  // namespace adieu::config
