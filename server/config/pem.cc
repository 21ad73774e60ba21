#include "server/config/pem.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <string_view>

#include "server/config/pem_objects.h"

namespace adieu::config {
namespace {

using std::chrono::system_clock;

constexpr int kMinRsaBits = 2'048;
constexpr int kMaxRsaBits = 8'192;

base::Error Refuse(const std::string& why) {
  // OpenSSL's own reasons are about its parsers.
  ERR_clear_error();
  return base::Error{.code = absl::StatusCode::kInvalidArgument, .reason = "PEM_INVALID", .message = why};
}

// Says whether the file ended where no further certificate began.
bool IsAtEnd() {
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return at_end;
}

// Not before 1970.
system_clock::time_point EndOf(const X509* certificate) {
  std::tm parts = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
  return system_clock::from_time_t(std::max<std::time_t>(0, timegm(&parts)));
}

bool IsP256(const EVP_PKEY* key) {
  char curve[64] = {};
  return EVP_PKEY_get_group_name(key, curve, sizeof curve, nullptr) == 1 &&
         std::string_view(curve) == SN_X9_62_prime256v1;
}

}  // namespace

base::Result<system_clock::time_point> CertificatesEnd(const std::string& pem) {
  ERR_clear_error();
  const Bio bio = OpenPem(pem);
  auto end = system_clock::time_point::max();
  while (const Certificate certificate = NextCertificate(bio.get())) {
    end = std::min(end, EndOf(certificate.get()));
  }
  if (!IsAtEnd()) return Refuse("has a certificate that cannot be read");
  if (end == system_clock::time_point::max()) return Refuse("has no certificate in PEM");
  return end;
}

std::optional<base::Error> CheckPrivateKey(const std::string& key, const std::string& certificates) {
  const Key parsed = PrivateKey(key);
  if (parsed == nullptr) return Refuse("has no private key in PEM, or one with a passphrase");
  const Certificate first = NextCertificate(OpenPem(certificates).get());
  if (first == nullptr || X509_check_private_key(first.get(), parsed.get()) != 1) {
    return Refuse("is not the key of the first certificate");
  }
  return std::nullopt;
}

std::optional<base::Error> CheckRsaPublicKey(const std::string& key) {
  const Key parsed = PublicKey(key);
  if (parsed == nullptr || EVP_PKEY_get_base_id(parsed.get()) != EVP_PKEY_RSA) {
    return Refuse("must be an RSA public key in PEM (BEGIN PUBLIC KEY)");
  }
  const int bits = EVP_PKEY_get_bits(parsed.get());
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return Refuse("must be an RSA key of 2048 to 8192 bits, has " + std::to_string(bits));
  }
  return std::nullopt;
}

std::optional<base::Error> CheckP256PublicKey(const std::string& key) {
  const Key parsed = PublicKey(key);
  if (parsed == nullptr || EVP_PKEY_get_base_id(parsed.get()) != EVP_PKEY_EC || !IsP256(parsed.get())) {
    return Refuse("must be a public key on the curve P-256 in PEM (BEGIN PUBLIC KEY)");
  }
  return std::nullopt;
}

}  // namespace adieu::config
