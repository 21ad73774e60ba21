#include "server/config/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <utility>

#include "server/base/utf8.h"

namespace adieu::config {
namespace {

// Builds the tree from the parser's events. A container is closed into its parent, so nothing points into it
// while it grows.
class TreeBuilder : public YAML::EventHandler {
 public:
  YamlNode Take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Close(Node(YamlNode::Kind::kNull, mark, anchor, "?"));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    YamlNode node = Node(YamlNode::Kind::kNull, mark, 0, "?");
    node.refused = "aliases (`*name`) are not taken";
    Close(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = Node(YamlNode::Kind::kScalar, mark, anchor, tag);
    node.text = value;
    node.plain = tag == "?";
    Close(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open_.push_back(Node(YamlNode::Kind::kList, mark, anchor, tag));
  }
  void OnSequenceEnd() override { CloseContainer(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open_.push_back(Node(YamlNode::Kind::kMap, mark, anchor, tag));
  }
  void OnMapEnd() override { CloseContainer(); }

 private:
  static YamlNode Node(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
                       const std::string& tag) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    // `?`: no tag; `!`: quoted.
    if (!tag.empty() && tag != "?" && tag != "!") node.refused = "tags (`!name`) are not taken";
    if (anchor != 0) node.refused = "anchors (`&name`) are not taken";
    return node;
  }

  void CloseContainer() {
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    Close(std::move(node));
  }

  void Close(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    YamlNode& parent = open_.back();
    const bool is_key = parent.kind == YamlNode::Kind::kMap && parent.keys.size() == parent.items.size();
    (is_key ? parent.keys : parent.items).push_back(std::move(node));
  }

  YamlNode root_;
  // The lists and maps that have not ended, the outermost first.
  std::vector<YamlNode> open_;
};

base::Error Refused(const std::string& name, long line, const std::string& why) {
  return base::Error{.code = absl::StatusCode::kInvalidArgument,
                     .reason = "CONFIG_INVALID",
                     .message = name + ":" + std::to_string(line) + ": " + why};
}

// The line of the first byte that a text file must not have; 0: none.
long FindBadByte(std::string_view text) {
  long line = 1;
  while (!text.empty()) {
    const size_t length = base::Utf8Length(text);
    if (length == 0 || text.front() == '\0') return line;
    if (text.front() == '\n') ++line;
    text.remove_prefix(length);
  }
  return 0;
}

// What the parser says may hold a byte of the file.
std::string Ascii(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) c = '?';
  }
  return text;
}

}  // namespace

base::Result<YamlNode> ParseYaml(std::string_view text, const std::string& name) {
  if (text.size() > kMaxYamlBytes) {
    return Refused(name, 1, "is larger than " + std::to_string(kMaxYamlBytes) + " bytes");
  }
  if (const long line = FindBadByte(text); line != 0) return Refused(name, line, "is not UTF-8 text");
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    TreeBuilder builder;
    if (!parser.HandleNextDocument(builder)) return YamlNode{};
    TreeBuilder second;
    if (parser.HandleNextDocument(second))
      return Refused(name, second.Take().line, "is more than one document");
    return builder.Take();
  } catch (const YAML::Exception& e) {
    return Refused(name, std::max(e.mark.line, 0) + 1, "is not YAML: " + Ascii(e.msg));
  } catch (const std::exception& e) {
    return Refused(name, 1, "is not YAML: " + Ascii(e.what()));
  }
}

}  // namespace adieu::config
