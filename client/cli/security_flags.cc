#include "client/cli/security_flags.h"

#include <CLI/Error.hpp>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

namespace adieu::cli {
namespace {

constexpr size_t kMostBytes = 1024 * 1024;

// What is in a file, or nothing.
std::optional<std::string> TextOf(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kMostBytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.eof()) return std::nullopt;
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

std::string Read(const char* option, const std::string& file) {
  if (file.empty()) return "";
  errno = 0;
  auto text = TextOf(file);
  if (text) return *std::move(text);
  throw CLI::ValidationError(option, file + ": " +
                                         (errno != 0 ? "cannot be read: " + std::string(std::strerror(errno))
                                                     : std::string("is larger than 1 MiB")));
}

// One line of visible ASCII (RFC 6750 2.1), or nothing.
std::optional<std::string> TokenOf(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  const bool good = !text.empty() && text.find_first_not_of(
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789-._~+/=") == std::string::npos;
  return good ? std::optional(std::move(text)) : std::nullopt;
}

// `127.0.0.1:50051`, `[::1]:50051`, `localhost:50051`, `unix:PATH`.
bool IsOnThisMachine(std::string_view server) {
  if (server.starts_with("unix:")) return true;
  const std::string_view host = server.substr(0, server.rfind(':'));
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

}  // namespace

void SecurityFlags::AddTo(CLI::App& app) {
  app.add_flag("--tls", tls_, "Use TLS")->envname("ADIEU_TLS");
  app.add_option("--tls-ca", ca_, "Use TLS; the CAs of the server, PEM (without: those of the system)")
      ->envname("ADIEU_TLS_CA")
      ->type_name("FILE");
  app.add_option("--tls-certificate", certificate_, "Use TLS; the certificate to show, PEM")
      ->envname("ADIEU_TLS_CERTIFICATE")
      ->type_name("FILE");
  app.add_option("--tls-key", key_, "The key of that certificate, PEM")
      ->envname("ADIEU_TLS_KEY")
      ->type_name("FILE");
  app.add_option("--tls-server-name", server_name_,
                 "Use TLS; the name in the server's certificate (without: the server's host)")
      ->envname("ADIEU_TLS_SERVER_NAME")
      ->type_name("NAME");
  app.add_option("--token-file", token_, "The file with the token to send")
      ->envname("ADIEU_TOKEN_FILE")
      ->type_name("FILE");
  app.add_flag("--insecure-token", insecure_token_, "Send the token in plaintext to another machine")
      ->envname("ADIEU_INSECURE_TOKEN");
}

client::Security SecurityFlags::Read(const std::string& server) const {
  if (certificate_.empty() != key_.empty()) {
    throw CLI::ValidationError("--tls-certificate", "goes together with --tls-key");
  }
  client::Security security;
  security.tls = tls_ || !ca_.empty() || !certificate_.empty() || !server_name_.empty();
  security.cas = cli::Read("--tls-ca", ca_);
  security.certificate = cli::Read("--tls-certificate", certificate_);
  security.private_key = cli::Read("--tls-key", key_);
  security.server_name = server_name_;
  if (token_.empty()) return security;
  if (!security.tls && !insecure_token_ && !IsOnThisMachine(server)) {
    throw CLI::ValidationError("--token-file", "the token could be read on the way to \"" + server +
                                                   "\": use TLS, or --insecure-token");
  }
  const auto token = TokenOf(cli::Read("--token-file", token_));
  if (!token) throw CLI::ValidationError("--token-file", token_ + ": must have one token on one line");
  // A long watch goes on with the token of the day.
  security.token = [file = token_, first = *token] {
    return TokenOf(TextOf(file).value_or("")).value_or(first);
  };
  return security;
}

}  // namespace adieu::cli
