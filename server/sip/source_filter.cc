#include "server/sip/source_filter.h"

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace adieu::sip {
namespace {

constexpr uint32_t kAdmit = 0xffffffff;
constexpr uint32_t kDrop = 0;

// Where the source address is in the IP header.
constexpr uint32_t kSourceV4 = 12;
constexpr uint32_t kSourceV6 = 8;

sock_filter Statement(int code, uint32_t value) {
  return {.code = static_cast<uint16_t>(code), .jt = 0, .jf = 0, .k = value};
}

uint32_t WordOf(const base::Network& network, int word) {
  const uint8_t* bytes = network.address.bytes.data() + static_cast<ptrdiff_t>(4 * word);
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

// Goes on with what follows it when the source is not of this network.
void Append(const base::Network& network, std::vector<sock_filter>* program) {
  std::vector<size_t> tests;
  for (int word = 0; 32 * word < network.prefix_length; ++word) {
    const int bits = std::min(network.prefix_length - 32 * word, 32);
    const uint32_t mask = 0xffffffffU << (32 - bits);
    const uint32_t source = network.address.version == 4 ? kSourceV4 : kSourceV6;
    program->push_back(Statement(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(SKF_NET_OFF) + source +
                                                               static_cast<uint32_t>(4 * word)));
    if (bits < 32) program->push_back(Statement(BPF_ALU | BPF_AND | BPF_K, mask));
    tests.push_back(program->size());
    program->push_back(Statement(BPF_JMP | BPF_JEQ | BPF_K, WordOf(network, word) & mask));
  }
  program->push_back(Statement(BPF_RET | BPF_K, kAdmit));
  for (const size_t test : tests) (*program)[test].jf = static_cast<uint8_t>(program->size() - test - 1);
}

unsigned MemoryInfo(int socket, int which) {
  std::array<uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t length = sizeof info;
  if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, info.data(), &length) != 0) return 0;
  return info[static_cast<size_t>(which)];
}

}  // namespace

std::vector<sock_filter> SourceFilter(const std::vector<base::Network>& networks, int version) {
  std::vector<sock_filter> program;
  for (const base::Network& network : networks) {
    if (network.address.version == version) Append(network, &program);
  }
  program.push_back(Statement(BPF_RET | BPF_K, kDrop));
  if (program.size() > BPF_MAXINSNS) program.clear();
  return program;
}

bool AttachFilter(int socket, std::vector<sock_filter> program) {
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()), .filter = program.data()};
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

unsigned DatagramsDropped(int socket) { return MemoryInfo(socket, SK_MEMINFO_DROPS); }

unsigned BytesQueued(int socket) { return MemoryInfo(socket, SK_MEMINFO_RMEM_ALLOC); }

}  // namespace adieu::sip
