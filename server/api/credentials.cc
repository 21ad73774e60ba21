#include "server/api/credentials.h"

#include <grpcpp/security/auth_context.h>

#include <string>
#include <string_view>

#include "server/base/address.h"

namespace adieu::api {
namespace {

// gRPC's `ipv4:192.0.2.1:5060`, `ipv6:%5B2001:db8::1%5D:5060` or `unix:PATH` as the address alone, or `unix`.
std::string AddressOf(const std::string& peer) {
  constexpr std::string_view kV4 = "ipv4:";
  constexpr std::string_view kV6 = "ipv6:%5B";
  if (peer.starts_with(kV4)) return peer.substr(kV4.size(), peer.rfind(':') - kV4.size());
  if (!peer.starts_with(kV6)) return peer.substr(0, peer.find(':'));
  const std::string address = peer.substr(kV6.size(), peer.rfind("%5D") - kV6.size());
  const auto ip = base::ParseIp(address);
  return ip ? base::FormatIp(base::Unmapped(*ip)) : address;
}

std::string Text(grpc::string_ref text) { return {text.data(), text.size()}; }

}  // namespace

access::Credentials CredentialsOf(const grpc::CallbackServerContext& context) {
  access::Credentials credentials{.address = AddressOf(context.peer())};
  const auto [begin, end] = context.client_metadata().equal_range("authorization");
  for (auto value = begin; value != end; ++value) credentials.authorization.push_back(Text(value->second));
  const auto peer = context.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return credentials;
  credentials.has_certificate = true;
  for (const grpc::string_ref& name : peer->GetPeerIdentity()) {
    credentials.certificate_names.push_back(Text(name));
  }
  return credentials;
}

}  // namespace adieu::api
