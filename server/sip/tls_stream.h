#pragma once

#include <sys/socket.h>

namespace adieu::sip {

class TlsIdentity;

// TLS under the library's transport. Our own versions of its functions tls_*, defined in this executable
// under the library's names as the wire tap is; the library keeps the sockets and the events. Its own ones
// read the certificates of a folder by OpenSSL's defaults, without the chain; leak every connection; kill the
// process when a slow peer's socket is full; let the failed handshake of one peer close the connection of
// another (OpenSSL's queue of errors); and leak the names of each client certificate.
//
// Only connections that peers open: we have no names of targets to verify, so none is opened by us, and what
// would need one (a response or request to a peer whose connection is gone) fails as if nobody listened
// there.

// Who we are on the TLS listener that the calling thread opens next; it must outlive the listener. nullptr:
// none; such a listener is not opened.
void OfferTlsIdentity(TlsIdentity* identity);

// A connection from this address of our own, made by the calling thread, needs no client certificate; an
// address of family AF_UNSPEC: none such. For the self-test.
void TrustTlsFrom(const sockaddr_storage& address);

}  // namespace adieu::sip
