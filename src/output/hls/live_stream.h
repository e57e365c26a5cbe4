// LiveStream: one stream's window and the questions that wait for it. Segments come on its feed's loop,
// questions from any thread, and what waits is answered on the loop of Server: neither waits for the other
// longer than it takes to look at the newest edition. Shared by Server, its feed and what it posted.
#pragma once

#include "base/limit_hits.h"
#include "base/log.h"
#include "net/loop.h"
#include "output/cmaf/feeds.h"
#include "output/hls/spill_thread.h"
#include "output/hls/window.h"

namespace output::hls {

class LiveStream;

// What the streams of a server share. Its references outlive them.
struct StreamContext {
    Settings settings;
    Duration part_target{0};
    const base::Clock& clock;
    // Where waiting questions are answered.
    net::Loop& loop;
    base::LimitHits& limits;
    base::Logger log;
    std::shared_ptr<Budget> budget;
    // Null without DVR.
    std::shared_ptr<SpillThread> spill;
    // There is more in memory than may be.
    std::function<void()> relieve;
    std::function<void(const std::shared_ptr<LiveStream>&)> left;

    std::shared_ptr<std::atomic<std::uint64_t>> texts_made = std::make_shared<std::atomic<std::uint64_t>>(0);
    std::atomic<std::uint64_t> segments_made{0};
    std::atomic<std::uint64_t> parts_lost{0};
    std::atomic<std::size_t> waiting{0};
};

class LiveStream final : public cmaf::Sink,
                         public net::Work,
                         public std::enable_shared_from_this<LiveStream> {
  public:
    LiveStream(std::string id, std::shared_ptr<StreamContext> context);
    ~LiveStream() override;

    const std::string& id() const { return id_; }

    // Any thread.
    void ask(Question question, LiveHls::Answer answer);
    base::MonotonicTime last_asked() const {
        return base::MonotonicTime(base::MonotonicTime::duration(last_asked_.load()));
    }
    // When the stream has ended.
    std::optional<base::MonotonicTime> ended_at() const;
    std::uint64_t bytes() const;
    std::uint64_t shrink(std::uint64_t bytes);
    // Questions whose time is over are answered, segments whose time is over go.
    void tick(base::MonotonicTime now);
    // If it has ended: as if nothing had come yet.
    void reset();
    // Answers all that wait, and all that come: nothing will.
    enum class Why { gone, stopping };
    void close(Why why);

    // The feed's loop.
    void on_event(const cmaf::Event& event) override;
    void on_stream_end() override;
    void on_left() override;

    // The loop where waiting questions are answered.
    void run() override;

  private:
    struct Waiting {
        Question question;
        LiveHls::Answer answer;
        base::MonotonicTime until{};
    };

    bool is_closed() const;
    bool store(const cmaf::Part& part);
    // Under the lock.
    void publish();
    void spill_next(base::MonotonicTime now);
    std::vector<Waiting> take_ready(bool& more);

    const std::string id_;
    const std::shared_ptr<StreamContext> context_;
    std::atomic<base::MonotonicTime::rep> last_asked_;

    // The feed's loop alone.
    std::shared_ptr<Arena> memory_;
    ExtentPtr extent_;
    std::vector<iovec> pieces_;

    // The spill thread alone.
    std::shared_ptr<Arena> disk_;
    bool spill_fails_ = false;

    mutable std::mutex mutex_;
    Window window_;
    EditionPtr edition_;
    std::deque<Waiting> waiting_;
    bool posted_ = false;
    bool spilling_ = false;
    std::optional<Why> closed_;
    std::optional<base::MonotonicTime> ended_at_;
};

}  // namespace output::hls
