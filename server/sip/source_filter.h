#pragma once

#include <linux/filter.h>

#include <vector>

#include "server/base/address.h"

namespace adieu::sip {

// A socket filter that makes the kernel drop what comes from other networks, datagrams and connection
// attempts, before it costs the process or the socket's buffer anything.

// Admits sources of these networks to a socket of this IP version (4 or 6). Empty: there are too many for one
// filter. Pure.
std::vector<sock_filter> SourceFilter(const std::vector<base::Network>& networks, int version);

// False: the kernel refused it. The program may go afterwards.
bool AttachFilter(int socket, std::vector<sock_filter> program);

// Datagrams that the kernel did not put into this socket's buffer, because of the filter or because the
// buffer was full, since the socket was made; wraps at 2^32.
unsigned DatagramsDropped(int socket);

// Bytes that wait in this socket's buffer, with what the kernel adds to each datagram.
unsigned BytesQueued(int socket);

}  // namespace adieu::sip
