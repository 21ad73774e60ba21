#include "server/sip/parser_guards.h"

#include <dlfcn.h>
#include <sofia-sip/msg.h>
#include <sofia-sip/msg_parser.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/url.h>
#include <strings.h>
#include <sys/socket.h>

#include <cstring>

namespace adieu::sip {
namespace {

thread_local bool own_contact = false;
thread_local const msg_t* being_read = nullptr;

// A redirection may send the caller anywhere; no dialog comes of it.
bool IsRedirection() {
  const sip_t* sip = being_read != nullptr ? sip_object(being_read) : nullptr;
  return sip != nullptr && sip->sip_status != nullptr && sip->sip_status->st_status / 100 == 3;
}

bool IsReachable(const url_t* url) {
  const bool is_sip = url->url_type == url_sip || url->url_type == url_sips;
  return is_sip && url->url_host != nullptr && url->url_host[0] != '\0';
}

char* SkipEmptyEntries(char* s) {
  while (*s == ',') {
    *s = '\0';
    s += span_lws(s + 1) + 1;
  }
  return s;
}

}  // namespace

sip_contact_s* MakeOwnContact(su_home_s* home, const char* value) {
  own_contact = true;
  sip_contact_t* contact = sip_contact_make(home, value);
  own_contact = false;
  return contact;
}

std::optional<std::string> MissingParserGuard() {
  su_home_t home[1] = {SU_HOME_INIT(home)};
  su_home_init(home);
  std::optional<std::string> missing;
  if (sip_contact_make(home, "<tel:+1>") != nullptr) missing = "sip_contact_d";
  if (sip_record_route_make(home, "<foo:bar>") != nullptr) missing = "sip_record_route_d";
  if (sip_content_length_make(home, "4294967295") != nullptr) missing = "sip_content_length_d";
  if (sip_contact_make(home, "<sip:a@192.0.2.1>") == nullptr) missing = "sip_contact_d refuses everything";
  const url_t* url = url_make(home, "sip:192.0.2.1;lrx");
  if (url == nullptr || url_has_param(url, "lr") != 0) missing = "url_param";
  su_home_deinit(home);
  return missing;
}

}  // namespace adieu::sip

extern "C" {

int msg_extract(msg_t* message) {
  using Extract = int(msg_t*);
  static Extract* const original = reinterpret_cast<Extract*>(dlsym(RTLD_NEXT, "msg_extract"));
  msg_maxsize(message, adieu::sip::kMaxMessage);
  adieu::sip::being_read = message;
  const int extracted = original(message);
  adieu::sip::being_read = nullptr;
  return extracted;
}

issize_t su_getmsgsize(su_socket_t socket) {
  using Size = issize_t(su_socket_t);
  static Size* const original = reinterpret_cast<Size*>(dlsym(RTLD_NEXT, "su_getmsgsize"));
  const issize_t size = original(socket);
  if (size <= adieu::sip::kMaxRead) return size;
  int type = 0;
  socklen_t length = sizeof type;
  const bool stream = getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
  return stream ? adieu::sip::kMaxRead : size;
}

issize_t sip_contact_d(su_home_t* home, msg_header_t* h, char* s, isize_t slen) {
  auto* m = reinterpret_cast<sip_contact_t*>(h);
  s = adieu::sip::SkipEmptyEntries(s);
  if (sip_name_addr_d(home, &s, &m->m_display, m->m_url, &m->m_params, &m->m_comment) == -1) return -1;
  const bool only_told = adieu::sip::own_contact || adieu::sip::IsRedirection();
  if (!only_told && !adieu::sip::IsReachable(m->m_url)) return -1;
  return msg_parse_next_field(home, h, s, slen);
}

issize_t sip_record_route_d(su_home_t* home, msg_header_t* h, char* s, isize_t slen) {
  auto* r = reinterpret_cast<sip_record_route_t*>(h);
  s = adieu::sip::SkipEmptyEntries(s);
  if (sip_name_addr_d(home, &s, &r->r_display, r->r_url, &r->r_params, nullptr) < 0) return -1;
  if (!adieu::sip::IsReachable(r->r_url)) return -1;
  return msg_parse_next_field(home, h, s, slen);
}

issize_t sip_content_length_d(su_home_t*, msg_header_t* h, char* s, isize_t) {
  auto* l = reinterpret_cast<sip_content_length_t*>(h);
  const issize_t parsed = msg_uint32_d(&s, &l->l_length);
  if (*s != '\0' || l->l_length > adieu::sip::kMaxContentLength) return -1;
  return parsed;
}

isize_t url_param(char const* params, char const* tag, char value[], isize_t vlen) {
  if (params == nullptr) return 0;
  size_t tag_length = std::strlen(tag);
  if (tag_length > 0 && tag[tag_length - 1] == '=') --tag_length;
  for (const char* p = params; *p != '\0';) {
    const size_t length = std::strcspn(p, ";");
    if (length >= tag_length && strncasecmp(p, tag, tag_length) == 0) {
      if (length == tag_length) {
        if (vlen > 0) value[0] = '\0';
        return 1;
      }
      if (p[tag_length] == '=') {
        const size_t value_length = length - tag_length - 1;
        if (value_length < static_cast<size_t>(vlen)) {
          std::memcpy(value, p + tag_length + 1, value_length);
          value[value_length] = '\0';
        }
        return value_length + 1;
      }
    }
    p += length;
    if (*p == ';') ++p;
  }
  return 0;
}

}  // extern "C"
