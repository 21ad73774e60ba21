// A bare NUA on one thread, set up as adieud's, that lets every call ring and ends it at once from the
// callback: what the SIP stack alone costs. Prints its UDP address when it is open; SIGTERM ends it.

#include <netinet/in.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_tag_io.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport_tag.h>
#include <sys/socket.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <string>

namespace {

constexpr int kReceiveBuffer = 4 << 20;
constexpr int kMaxProceeding = 20'000;

// A free UDP port of the loopback address; 0 when there is none. Another process may take it before the stack
// does.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  const bool bound = bind(fd, name, length) == 0 && getsockname(fd, name, &length) == 0;
  close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

void OnEvent(nua_event_t event, int status, const char*, nua_t*, nua_magic_t*, nua_handle_t* handle,
             nua_hmagic_t*, const sip_t*, tagi_t[]) {
  if (event == nua_i_invite && status < 200) {
    nua_respond(handle, SIP_180_RINGING, TAG_END());
    nua_respond(handle, SIP_486_BUSY_HERE, TAG_END());
  } else if (event == nua_i_terminated) {
    nua_handle_destroy(handle);
  }
}

}  // namespace

int main() {
  su_init();
  su_log_redirect(
      nullptr, [](void*, const char*, va_list) {}, nullptr);
  su_root_t* root = su_root_create(nullptr);
  su_root_threading(root, 0);
  const int port = FreePort();
  const std::string url = "sip:127.0.0.1:" + std::to_string(port) + ";transport=udp";
  const nua_t* nua = nua_create(
      root, &OnEvent, nullptr, NUTAG_URL(url.c_str()), NUTAG_MEDIA_ENABLE(0), NUTAG_AUTOALERT(0),
      NUTAG_AUTOANSWER(0), NUTAG_AUTOACK(0), NUTAG_AUTO302(0), NUTAG_RETRY_COUNT(0), NUTAG_SESSION_TIMER(0),
      SIPTAG_ALLOW_STR("INVITE,ACK,BYE,CANCEL,INFO,UPDATE,OPTIONS,MESSAGE,PRACK"),
      NUTAG_APPL_METHOD("INVITE,INFO,UPDATE,OPTIONS,MESSAGE"), SIPTAG_SUPPORTED_STR("replaces,100rel"),
      SIPTAG_USER_AGENT_STR("bare"), NTATAG_PROGRESS(UINT_MAX), NTATAG_MAX_PROCEEDING(kMaxProceeding),
      TPTAG_UDP_RMEM(kReceiveBuffer), TAG_END());
  if (port == 0 || nua == nullptr) {
    std::fprintf(stderr, "bare_nua: cannot open %s\n", url.c_str());
    return 1;
  }
  std::printf("127.0.0.1:%d\n", port);
  std::fflush(stdout);
  // SIGTERM ends the process as it is: nothing is to be kept.
  su_root_run(root);
  return 0;
}
