#include "server/base/line_queue.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <sstream>

namespace adieu::base {
namespace {

class LineQueueTest : public testing::Test {
 protected:
  LineQueueTest() { EXPECT_EQ(pipe(ends_.data()), 0); }
  ~LineQueueTest() override {
    for (const int end : ends_) close(end);
  }

  std::string ReadSome() {
    std::array<char, 1 << 16> bytes;
    const ssize_t count = read(ends_[0], bytes.data(), bytes.size());
    return count > 0 ? std::string(bytes.data(), static_cast<size_t>(count)) : "";
  }

  std::array<int, 2> ends_;
};

TEST_F(LineQueueTest, WritesInOrder) {
  {
    LineQueue queue(ends_[1]);
    queue.Add("a\n", false);
    queue.Add("b\n", true);
    queue.Add("c\n", false);
  }
  std::string text;
  while (text.size() < 6) text += ReadSome();
  EXPECT_EQ(text, "a\nb\nc\n");
}

TEST_F(LineQueueTest, WritesWithoutBeingStopped) {
  LineQueue queue(ends_[1]);
  queue.Add("plain\n", false);
  EXPECT_EQ(ReadSome(), "plain\n");
  queue.Add("urgent\n", true);
  EXPECT_EQ(ReadSome(), "urgent\n");
}

TEST_F(LineQueueTest, DropsTheOldestWhenNobodyReads) {
  std::optional<LineQueue> queue(ends_[1]);
  // More than a pipe holds: the thread stays with it until somebody reads.
  const std::string block(1 << 20, '-');
  queue->Add(block + "\n", true);
  std::string text = ReadSome();
  constexpr size_t kTooMany = 3;
  for (size_t i = 0; i < LineQueue::kMaxLines + kTooMany; ++i) queue->Add(std::to_string(i) + "\n", false);
  EXPECT_EQ(queue->dropped(), kTooMany);
  const std::string last = "\n" + std::to_string(LineQueue::kMaxLines + kTooMany - 1) + "\n";
  while (!text.ends_with(last)) text += ReadSome();
  std::istringstream lines(text.substr(block.size() + 1));
  size_t expected = kTooMany;
  for (std::string line; std::getline(lines, line); ++expected) EXPECT_EQ(line, std::to_string(expected));
  EXPECT_EQ(expected, LineQueue::kMaxLines + kTooMany);
}

}  // namespace
}  // namespace adieu::base
