// Session: the platform's end of one connection: the project's own ServerSession behind a script of how this
// platform behaves, and a Checker of what arrives. One thread.
#pragma once

#include "protocol/rtmp/server_session.h"
#include "simulation/checker.h"
#include "simulation/network.h"
#include "simulation/platform.h"

namespace simulation {

// What a connection meets, once it stands.
enum class Service {
    good,
    mute,           // answers a number of times, then never again
    closes,         // answers a number of times, then closes
    garbage,        // answers with what is no RTMP
    wrong_key,      // NetStream.Publish.BadName, with the key in its words
    connect_error,  // _error to connect
    closes_at_key,  // closes without a word when it is given the key
    quick_close,    // accepts, then closes in good order
    ends_stream,    // accepts, and after a while ends the stream
    half_close,     // accepts, after a while closes its side, and reads on
    come_again,     // accepts, and after a while asks to be connected to again
};

Service draw_trouble(Random& random);
// A way to say no.
Service draw_refusal(Random& random);
bool refuses(Service service);

class Session final : public FarEnd {
  public:
    Session(World& world, Platform& platform, WirePtr wire, Service service, const Path& path,
            const FindReference& references, Time dialed_at);
    ~Session() override;

    void received(base::ByteView bytes) override;
    void finished() override;
    void lost() override;
    void offered(std::size_t bytes) override;

    void check();
    void must_deliver(const Reference& reference);
    const Wire& wire() const { return *wire_; }
    bool accepted() const { return accepted_at_.has_value(); }
    bool over() const { return over_ && !wire_->open(); }

  private:
    void answer();
    void refuse_to_connect();
    void on_publish();
    void on_media(const protocol::rtmp::Message& message);
    void check_start();
    void check_end();
    void later(base::Duration from, base::Duration to, void (Session::*act)());
    void close_in_order();
    void end_stream();
    void half_close();
    void ask_to_come_again();
    void require(bool holds, const char* rule, std::int64_t value = 0);

    World& world_;
    Platform& platform_;
    WirePtr wire_;
    Service service_;
    Path path_;
    Time dialed_at_;
    protocol::rtmp::ServerSession session_;
    Checker checker_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

    std::int64_t answers_left_ = 0;
    std::string key_;  // as it was given
    std::optional<Time> accepted_at_;
    std::optional<std::int64_t> must_deliver_;
    const Reference* must_deliver_of_ = nullptr;
    bool shaken_hands_ = false;
    bool farewell_ = false;
    bool over_ = false;
    bool trusted_;  // no bit was flipped on the way
};

}  // namespace simulation
