#include "server/config/read_passwords.h"

#include <string>
#include <utility>

#include "server/config/problems.h"
#include "server/config/read_secret_file.h"

namespace adieu::config {

std::optional<base::Error> ReadPasswords(const Origins& origins, v1::Config* config) {
  Problems problems(origins);
  for (int i = 0; i < config->routes_size(); ++i) {
    v1::Route& route = *config->mutable_routes(i);
    if (!route.has_forward()) continue;
    for (int j = 0; j < route.forward().credentials_size(); ++j) {
      v1::Credential& credential = *route.mutable_forward()->mutable_credentials(j);
      auto password = ReadSecretFile(credential.password_file());
      if (password.ok()) {
        credential.set_password(std::move(*password));
      } else {
        problems.Add(
            "routes[" + std::to_string(i) + "].forward.credentials[" + std::to_string(j) + "].password_file",
            password.error().message);
      }
    }
  }
  if (problems.empty()) return std::nullopt;
  return problems.ToError();
}

}  // namespace adieu::config
