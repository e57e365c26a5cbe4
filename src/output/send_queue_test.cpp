#include "output/send_queue.h"

#include <gtest/gtest.h>

#include <deque>

namespace output {
namespace {

using net::IoResult;
using net::IoStatus;

// Has room for so many bytes, and holds some of what it took inside, as TLS does.
class FakeLink final : public net::Link {
  public:
    IoResult read_some(std::span<std::uint8_t>) override { return {IoStatus::would_block}; }
    IoResult write_some(std::span<const iovec> parts) override {
        if (lost) return {IoStatus::failed, 0, "lost"};
        if (room == 0) return {IoStatus::would_block};
        const std::size_t count = std::min(room, parts.front().iov_len);
        taken.append(static_cast<const char*>(parts.front().iov_base), count);
        room -= count;
        return {IoStatus::ok, count};
    }
    IoResult flush_pending() override { return {pending ? IoStatus::would_block : IoStatus::ok}; }
    void wait_readable(std::function<void()>) override {}
    void wait_writable(std::function<void()> ready) override { writable = std::move(ready); }
    std::optional<net::TcpCounters> counters() const override { return std::nullopt; }
    void shutdown_write() override {}
    void close() override {}
    void abort() override {}

    std::size_t room = 1'000;
    bool pending = false;
    bool lost = false;
    std::string taken;
    std::function<void()> writable;
};

class SendQueueTest : public testing::Test, protected SendQueue::Source {
  protected:
    // One text a write.
    void fill(base::GatherList& gather) override {
        EXPECT_TRUE(gather.empty());
        if (texts_.empty()) return;
        auto text = std::make_shared<const std::string>(texts_.front());
        texts_.pop_front();
        last_ = text;
        gather.add_view(base::as_bytes(*text));
        gather.keep(std::move(text));
    }
    void flush() override { status_ = queue_.flush(link_, scratch_, *this).status; }

    FakeLink link_;
    SendQueue queue_;
    base::GatherList scratch_;
    std::deque<std::string> texts_;
    std::weak_ptr<const std::string> last_;
    IoStatus status_{};
};

TEST_F(SendQueueTest, sends_until_there_is_no_more) {
    texts_ = {"one", "two", "three"};
    flush();
    EXPECT_EQ(status_, IoStatus::ok);
    EXPECT_EQ(link_.taken, "onetwothree");
    EXPECT_EQ(queue_.bytes_sent(), 11u);
    EXPECT_TRUE(last_.expired());
}

TEST_F(SendQueueTest, keeps_one_write_while_the_link_is_full_and_goes_on_where_it_stopped) {
    texts_ = {"one", "two", "three"};
    link_.room = 5;
    flush();
    EXPECT_EQ(status_, IoStatus::would_block);
    EXPECT_EQ(queue_.unsent_bytes(), 1u);
    EXPECT_EQ(texts_.size(), 1u);
    // Calls in between change nothing.
    link_.room = 100;
    flush();
    EXPECT_EQ(link_.taken, "onetw");
    link_.writable();
    EXPECT_EQ(status_, IoStatus::ok);
    EXPECT_EQ(link_.taken, "onetwothree");
    EXPECT_EQ(queue_.unsent_bytes(), 0u);
}

TEST_F(SendQueueTest, waits_for_what_the_link_took_and_did_not_send) {
    texts_ = {"one"};
    link_.pending = true;
    flush();
    EXPECT_EQ(status_, IoStatus::would_block);
    EXPECT_TRUE(queue_.blocked());
    link_.pending = false;
    link_.writable();
    EXPECT_EQ(status_, IoStatus::ok);
    EXPECT_FALSE(queue_.blocked());
}

TEST_F(SendQueueTest, a_lost_link_leaves_nothing_alive) {
    texts_ = {"one"};
    link_.lost = true;
    flush();
    EXPECT_EQ(status_, IoStatus::failed);
    EXPECT_TRUE(last_.expired());
    link_.lost = false;
    link_.room = 1;
    texts_ = {"two"};
    flush();
    EXPECT_EQ(status_, IoStatus::would_block);
    queue_.clear();
    EXPECT_TRUE(last_.expired());
    EXPECT_FALSE(queue_.blocked());
}

}  // namespace
}  // namespace output
