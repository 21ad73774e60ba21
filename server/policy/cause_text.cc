#include <algorithm>
#include <array>

#include "server/policy/causes.h"

namespace adieu::policy {
namespace {

struct Name {
  int cause;
  std::string_view text;
};

// ITU-T Q.850 (10/2018) table 1.
constexpr std::array kNames = {
    Name{1, "Unallocated (unassigned) number"},
    Name{2, "No route to specified transit network"},
    Name{3, "No route to destination"},
    Name{4, "Send special information tone"},
    Name{5, "Misdialled trunk prefix"},
    Name{6, "Channel unacceptable"},
    Name{7, "Call awarded and being delivered in an established channel"},
    Name{8, "Preemption"},
    Name{9, "Preemption - circuit reserved for reuse"},
    Name{14, "Query on release: ported number"},
    Name{16, "Normal call clearing"},
    Name{17, "User busy"},
    Name{18, "No user responding"},
    Name{19, "No answer from user (user alerted)"},
    Name{20, "Subscriber absent"},
    Name{21, "Call rejected"},
    Name{22, "Number changed"},
    Name{23, "Redirection to new destination"},
    Name{24, "Call rejected due to feature at the destination"},
    Name{25, "Exchange routing error"},
    Name{26, "Non-selected user clearing"},
    Name{27, "Destination out of order"},
    Name{28, "Invalid number format (address incomplete)"},
    Name{29, "Facility rejected"},
    Name{30, "Response to STATUS ENQUIRY"},
    Name{31, "Normal, unspecified"},
    Name{34, "No circuit/channel available"},
    Name{38, "Network out of order"},
    Name{39, "Permanent frame mode connection out-of-service"},
    Name{40, "Permanent frame mode connection operational"},
    Name{41, "Temporary failure"},
    Name{42, "Switching equipment congestion"},
    Name{43, "Access information discarded"},
    Name{44, "Requested circuit/channel not available"},
    Name{46, "Precedence call blocked"},
    Name{47, "Resource unavailable, unspecified"},
    Name{49, "Quality of service not available"},
    Name{50, "Requested facility not subscribed"},
    Name{53, "Outgoing calls barred within CUG"},
    Name{55, "Incoming calls barred within CUG"},
    Name{57, "Bearer capability not authorized"},
    Name{58, "Bearer capability not presently available"},
    Name{62, "Inconsistency in designated outgoing access information and subscriber class"},
    Name{63, "Service or option not available, unspecified"},
    Name{65, "Bearer capability not implemented"},
    Name{66, "Channel type not implemented"},
    Name{69, "Requested facility not implemented"},
    Name{70, "Only restricted digital information bearer capability is available"},
    Name{79, "Service or option not implemented, unspecified"},
    Name{81, "Invalid call reference value"},
    Name{82, "Identified channel does not exist"},
    Name{83, "A suspended call exists, but this call identity does not"},
    Name{84, "Call identity in use"},
    Name{85, "No call suspended"},
    Name{86, "Call having the requested call identity has been cleared"},
    Name{87, "User not member of CUG"},
    Name{88, "Incompatible destination"},
    Name{90, "Non-existent CUG"},
    Name{91, "Invalid transit network selection"},
    Name{95, "Invalid message, unspecified"},
    Name{96, "Mandatory information element is missing"},
    Name{97, "Message type non-existent or not implemented"},
    Name{98, "Message not compatible with call state or message type non-existent or not implemented"},
    Name{99, "Information element/parameter non-existent or not implemented"},
    Name{100, "Invalid information element contents"},
    Name{101, "Message not compatible with call state"},
    Name{102, "Recovery on timer expiry"},
    Name{103, "Parameter non-existent or not implemented, passed on"},
    Name{110, "Message with unrecognized parameter, discarded"},
    Name{111, "Protocol error, unspecified"},
    Name{127, "Interworking, unspecified"},
};

static_assert(std::is_sorted(kNames.begin(), kNames.end(),
                             [](const Name& a, const Name& b) { return a.cause < b.cause; }));

}  // namespace

std::string_view CauseText(int q850_cause) {
  const auto found = std::lower_bound(kNames.begin(), kNames.end(), q850_cause,
                                      [](const Name& name, int cause) { return name.cause < cause; });
  return found != kNames.end() && found->cause == q850_cause ? found->text : std::string_view();
}

}  // namespace adieu::policy
