#include "server/access/claims.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>

namespace adieu::access {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using std::chrono::system_clock;

// Null: there is no such field.
const Value* Field(const Struct& object, const std::string& name) {
  const auto field = object.fields().find(name);
  return field == object.fields().end() ? nullptr : &field->second;
}

// A name, or when there is no such field a path of names with dots.
const Value* FieldOrPath(const Struct& claims, const std::string& path) {
  if (const Value* field = Field(claims, path)) return field;
  const Struct* object = &claims;
  std::istringstream names(path);
  const Value* field = nullptr;
  for (std::string name; std::getline(names, name, '.');) {
    if (object == nullptr || (field = Field(*object, name)) == nullptr) return nullptr;
    object = field->has_struct_value() ? &field->struct_value() : nullptr;
  }
  return field;
}

// A text of words, or a list of texts. (A value may have spaces in a list, and then is no list of words.)
std::set<std::string> Texts(const Value* value) {
  std::set<std::string> texts;
  if (value == nullptr) return texts;
  if (value->kind_case() == Value::kStringValue) {
    texts.insert(value->string_value());
    std::istringstream words(value->string_value());
    for (std::string word; words >> word;) texts.insert(word);
  }
  for (const Value& item : value->list_value().values()) {
    if (item.kind_case() == Value::kStringValue) texts.insert(item.string_value());
  }
  return texts;
}

}  // namespace

std::optional<Claims> Claims::Parse(const std::string& json) {
  Claims claims;
  if (!google::protobuf::util::JsonStringToMessage(json, &claims.claims_).ok()) return std::nullopt;
  return claims;
}

bool Claims::Has(const std::string& claim) const { return Field(claims_, claim) != nullptr; }

std::string Claims::Text(const std::string& claim) const {
  const Value* value = Field(claims_, claim);
  return value == nullptr ? "" : value->string_value();
}

std::optional<system_clock::time_point> Claims::Time(const std::string& claim) const {
  using Seconds = std::chrono::duration<double>;
  const Value* value = Field(claims_, claim);
  if (value == nullptr || value->kind_case() != Value::kNumberValue) return std::nullopt;
  // A day less, so that a leeway can be added.
  const Seconds last = system_clock::time_point::max().time_since_epoch() - std::chrono::hours(24);
  const Seconds since_1970(value->number_value());
  return system_clock::time_point(
      std::chrono::duration_cast<system_clock::duration>(std::clamp(since_1970, -last, last)));
}

bool Claims::HasAudience(const std::string& audience) const {
  const Value* value = Field(claims_, "aud");
  if (value == nullptr) return false;
  if (value->kind_case() == Value::kStringValue) return value->string_value() == audience;
  return std::any_of(value->list_value().values().begin(), value->list_value().values().end(),
                     [&](const Value& item) {
                       return item.kind_case() == Value::kStringValue && item.string_value() == audience;
                     });
}

v1::Role Claims::RoleBy(const config::v1::TokenIssuer& issuer) const {
  const std::set<std::string> values = Texts(FieldOrPath(claims_, issuer.role_claim()));
  v1::Role best = v1::ROLE_UNSPECIFIED;
  for (const config::v1::ClaimRole& role : issuer.roles()) {
    if (values.contains(role.value())) best = std::max(best, role.role());
  }
  return best;
}

}  // namespace adieu::access
