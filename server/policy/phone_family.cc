#include "server/policy/phone_family.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/policy/ascii.h"

namespace adieu::policy {
namespace {

struct Pattern {
  // Must begin a word of the User-Agent: "poly" is in "Poly/8.1", not in "Monopoly".
  std::string_view word;
  PhoneFamily family;
};

// The first that is found decides: the measured clients, then what is known of switches and desk phones. A
// name that contains another one stands before it.
constexpr std::array kPatterns = {
    Pattern{"baresip", PhoneFamily::kBaresip},
    Pattern{"linphone", PhoneFamily::kLinphone6},
    Pattern{"belle-sip", PhoneFamily::kLinphone6},
    Pattern{"twinkle", PhoneFamily::kTwinkle},
    Pattern{"pjsua", PhoneFamily::kPjsua},
    Pattern{"jssip", PhoneFamily::kJsSip},
    Pattern{"sip.js", PhoneFamily::kSipJs},
    Pattern{"sipjs", PhoneFamily::kSipJs},
    Pattern{"jami", PhoneFamily::kJami},
    Pattern{"ring daemon", PhoneFamily::kJami},

    Pattern{"asterisk", PhoneFamily::kAsterisk},
    Pattern{"fpbx", PhoneFamily::kAsterisk},
    Pattern{"freepbx", PhoneFamily::kAsterisk},
    Pattern{"issabel", PhoneFamily::kAsterisk},
    Pattern{"elastix", PhoneFamily::kAsterisk},
    Pattern{"freeswitch", PhoneFamily::kFreeSwitch},
    Pattern{"fusionpbx", PhoneFamily::kFreeSwitch},
    Pattern{"mod_sofia", PhoneFamily::kFreeSwitch},

    Pattern{"kamailio", PhoneFamily::kSwitch},
    Pattern{"opensips", PhoneFamily::kSwitch},
    Pattern{"openser", PhoneFamily::kSwitch},
    Pattern{"sip express router", PhoneFamily::kSwitch},
    Pattern{"sems", PhoneFamily::kSwitch},
    Pattern{"drachtio", PhoneFamily::kSwitch},
    Pattern{"jambonz", PhoneFamily::kSwitch},
    Pattern{"livekit", PhoneFamily::kSwitch},
    Pattern{"rtpengine", PhoneFamily::kSwitch},
    Pattern{"yate", PhoneFamily::kSwitch},
    Pattern{"cisco-sipgateway", PhoneFamily::kSwitch},
    Pattern{"cisco-cucm", PhoneFamily::kSwitch},
    Pattern{"cisco-cube", PhoneFamily::kSwitch},
    Pattern{"ciscocube", PhoneFamily::kSwitch},
    Pattern{"audiocodes-ipphone", PhoneFamily::kDeskPhone},
    Pattern{"audiocodes", PhoneFamily::kSwitch},
    Pattern{"mediant", PhoneFamily::kSwitch},
    Pattern{"sonus", PhoneFamily::kSwitch},
    Pattern{"ribbon", PhoneFamily::kSwitch},
    Pattern{"genband", PhoneFamily::kSwitch},
    Pattern{"oracle", PhoneFamily::kSwitch},
    Pattern{"acme", PhoneFamily::kSwitch},
    Pattern{"metaswitch", PhoneFamily::kSwitch},
    Pattern{"perimeta", PhoneFamily::kSwitch},
    Pattern{"broadworks", PhoneFamily::kSwitch},
    Pattern{"broadsoft", PhoneFamily::kSwitch},
    Pattern{"netsapiens", PhoneFamily::kSwitch},
    Pattern{"sippy", PhoneFamily::kSwitch},
    Pattern{"portasip", PhoneFamily::kSwitch},
    Pattern{"portaswitch", PhoneFamily::kSwitch},
    Pattern{"vos3000", PhoneFamily::kSwitch},
    Pattern{"anynode", PhoneFamily::kSwitch},
    Pattern{"innovaphone", PhoneFamily::kSwitch},
    Pattern{"starface", PhoneFamily::kSwitch},
    Pattern{"3cxphonesystem", PhoneFamily::kSwitch},
    Pattern{"3cx phone system", PhoneFamily::kSwitch},
    Pattern{"avaya", PhoneFamily::kSwitch},
    Pattern{"huawei", PhoneFamily::kSwitch},
    Pattern{"dialogic", PhoneFamily::kSwitch},
    Pattern{"patton", PhoneFamily::kSwitch},
    Pattern{"smartnode", PhoneFamily::kSwitch},
    Pattern{"grandstream ucm", PhoneFamily::kSwitch},
    Pattern{"microsoft.pstnhub", PhoneFamily::kSwitch},
    Pattern{"mediationserver", PhoneFamily::kSwitch},
    Pattern{"twilio", PhoneFamily::kSwitch},
    Pattern{"telnyx", PhoneFamily::kSwitch},
    Pattern{"bandwidth", PhoneFamily::kSwitch},
    Pattern{"vonage", PhoneFamily::kSwitch},
    Pattern{"nexmo", PhoneFamily::kSwitch},
    Pattern{"plivo", PhoneFamily::kSwitch},
    Pattern{"signalwire", PhoneFamily::kSwitch},
    Pattern{"sinch", PhoneFamily::kSwitch},

    Pattern{"yealink", PhoneFamily::kDeskPhone},
    Pattern{"snom", PhoneFamily::kDeskPhone},
    Pattern{"polycom", PhoneFamily::kDeskPhone},
    Pattern{"polyedge", PhoneFamily::kDeskPhone},
    Pattern{"poly/", PhoneFamily::kDeskPhone},
    Pattern{"poly ", PhoneFamily::kDeskPhone},
    Pattern{"grandstream", PhoneFamily::kDeskPhone},
    Pattern{"mitel", PhoneFamily::kDeskPhone},
    Pattern{"aastra", PhoneFamily::kDeskPhone},
    Pattern{"cisco-csf", PhoneFamily::kSoftClient},
    Pattern{"cisco", PhoneFamily::kDeskPhone},
    Pattern{"linksys", PhoneFamily::kDeskPhone},
    Pattern{"sipura", PhoneFamily::kDeskPhone},
    Pattern{"fanvil", PhoneFamily::kDeskPhone},
    Pattern{"gigaset", PhoneFamily::kDeskPhone},
    Pattern{"avm fritz", PhoneFamily::kDeskPhone},
    Pattern{"fritz!", PhoneFamily::kDeskPhone},
    Pattern{"panasonic", PhoneFamily::kDeskPhone},
    Pattern{"htek", PhoneFamily::kDeskPhone},
    Pattern{"escene", PhoneFamily::kDeskPhone},
    Pattern{"akuvox", PhoneFamily::kDeskPhone},
    Pattern{"alcatel", PhoneFamily::kDeskPhone},
    Pattern{"unify", PhoneFamily::kDeskPhone},
    Pattern{"openstage", PhoneFamily::kDeskPhone},
    Pattern{"openscape", PhoneFamily::kDeskPhone},
    Pattern{"auerswald", PhoneFamily::kDeskPhone},
    Pattern{"obihai", PhoneFamily::kDeskPhone},
    Pattern{"vtech", PhoneFamily::kDeskPhone},
    Pattern{"spectralink", PhoneFamily::kDeskPhone},
};

// A longer User-Agent, or one of more words, is judged by its beginning.
constexpr size_t kMaxBytes = 256;
constexpr size_t kMaxWords = 32;

// The rest of a User-Agent from the beginning of a word on.
struct Word {
  std::string_view rest;
  bool in_comment = false;
};

class Words {
 public:
  explicit Words(std::string_view text) {
    text = text.substr(0, kMaxBytes);
    bool in_comment = false;
    for (size_t i = 0; i < text.size() && count_ < kMaxWords; ++i) {
      in_comment = in_comment || text[i] == '(';
      if (IsAlnum(text[i]) && (i == 0 || !IsAlnum(text[i - 1])))
        words_[count_++] = {text.substr(i), in_comment};
    }
  }

  bool Have(std::string_view name, bool in_comments) const {
    return std::any_of(words_.begin(), words_.begin() + count_, [&](const Word& word) {
      return (in_comments || !word.in_comment) && StartsWithIgnoringCase(word.rest, name);
    });
  }

 private:
  std::array<Word, kMaxWords> words_;
  size_t count_ = 0;
};

// Makers of switches and desk phones also make the devices that soft clients name in a comment:
// "Foo/1.0 (Gigaset GS5)".
bool CountsInComments(PhoneFamily family) {
  switch (family) {
    case PhoneFamily::kAsterisk:
    case PhoneFamily::kFreeSwitch:
    case PhoneFamily::kSwitch:
    case PhoneFamily::kDeskPhone:
      return false;
    default:
      return true;
  }
}

using Version = std::pair<int, int>;

constexpr Version kNoVersion = {0, 0};
// The last Linphone whose tones were measured.
constexpr Version kLastMeasuredLinphone = {5, 1};

// A number of at most three digits, for more is no version; `text` is left behind it.
int TakeNumber(std::string_view& text) {
  int value = 0;
  for (int digits = 0; !text.empty() && IsDigit(text.front()); text.remove_prefix(1)) {
    if (++digits <= 3) value = value * 10 + (text.front() - '0');
  }
  return value;
}

// The version after the first slash that follows `product`, as in "Linphone Desktop/4.4.10".
Version VersionOf(std::string_view text, std::string_view product) {
  const size_t at = FindIgnoringCase(text, product);
  if (at == std::string_view::npos) return kNoVersion;
  const size_t slash = text.find('/', at);
  if (slash == std::string_view::npos) return kNoVersion;
  text.remove_prefix(slash + 1);
  Version version = kNoVersion;
  version.first = TakeNumber(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    version.second = TakeNumber(text);
  }
  return version;
}

PhoneFamily LinphoneFamily(std::string_view user_agent) {
  Version newest = kNoVersion;
  for (std::string_view product : {"linphone", "linphonecore", "linphonesdk", "belle-sip"}) {
    newest = std::max(newest, VersionOf(user_agent, product));
  }
  const bool measured = newest != kNoVersion && newest <= kLastMeasuredLinphone;
  return measured ? PhoneFamily::kLinphone5 : PhoneFamily::kLinphone6;
}

}  // namespace

PhoneFamily FamilyOf(std::string_view user_agent) {
  if (user_agent.find_first_not_of(" \t") == std::string_view::npos) return PhoneFamily::kNone;
  const Words words(user_agent);
  for (const Pattern& pattern : kPatterns) {
    if (!words.Have(pattern.word, CountsInComments(pattern.family))) continue;
    return pattern.family == PhoneFamily::kLinphone6 ? LinphoneFamily(user_agent) : pattern.family;
  }
  return PhoneFamily::kSoftClient;
}

std::string_view FamilyName(PhoneFamily family) {
  switch (family) {
    case PhoneFamily::kNone:
      return "none";
    case PhoneFamily::kBaresip:
      return "baresip";
    case PhoneFamily::kLinphone5:
      return "linphone5";
    case PhoneFamily::kLinphone6:
      return "linphone6";
    case PhoneFamily::kTwinkle:
      return "twinkle";
    case PhoneFamily::kPjsua:
      return "pjsua";
    case PhoneFamily::kJsSip:
      return "jssip";
    case PhoneFamily::kSipJs:
      return "sipjs";
    case PhoneFamily::kJami:
      return "jami";
    case PhoneFamily::kAsterisk:
      return "asterisk";
    case PhoneFamily::kFreeSwitch:
      return "freeswitch";
    case PhoneFamily::kSwitch:
      return "switch";
    case PhoneFamily::kDeskPhone:
      return "desk_phone";
    case PhoneFamily::kSoftClient:
      return "soft_client";
  }
  return "soft_client";
}

}  // namespace adieu::policy
