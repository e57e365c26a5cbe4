#include "simulation/session.h"

#include <algorithm>

#include "protocol/rtmp/message_channel.h"

namespace simulation {
namespace {

namespace rtmp = protocol::rtmp;

constexpr auto slack = 300ms;
constexpr auto connect_deadline = 10s;
// A connection that takes no bytes is left after this long, found by a look every 500 ms, and a farewell that
// is under way takes 2 s.
constexpr auto stalled_deadline = 13s;
// Between what was published and its arrival, besides the flush window and the way itself.
constexpr auto latest_flush = 100ms;
constexpr auto oldest_start = 2s;
// What was there before an output joined comes all at once.
constexpr auto first_burst = 1s;
// One gathered write: 256 KiB, the frame that passes it, and headers.
constexpr std::size_t largest_write = 512 * 1024;

}  // namespace

Service draw_trouble(Random& random) {
    return static_cast<Service>(
        random.between(static_cast<int>(Service::mute), static_cast<int>(Service::come_again)));
}

Service draw_refusal(Random& random) {
    return static_cast<Service>(
        random.between(static_cast<int>(Service::wrong_key), static_cast<int>(Service::quick_close)));
}

bool refuses(Service service) {
    return service == Service::wrong_key || service == Service::connect_error ||
           service == Service::closes_at_key || service == Service::quick_close;
}

Session::Session(World& world, Platform& platform, WirePtr wire, Service service, const Path& path,
                 const FindReference& references, Time dialed_at)
    : world_(world),
      platform_(platform),
      wire_(std::move(wire)),
      service_(service),
      path_(path),
      dialed_at_(dialed_at),
      session_({}, world.now()),
      checker_(world, platform.settings().number, platform.settings().healthy, references),
      answers_left_(world.random.between(0, 4)),
      trusted_(path.flip_down_after == 0) {
    wire_->attach(*this);
}

Session::~Session() {
    *alive_ = false;
    wire_->detach();
}

void Session::require(bool holds, const char* rule, std::int64_t value) {
    world_.require(holds, rule, platform_.settings().number, value);
}

void Session::received(base::ByteView bytes) {
    if (over_) return;
    if (path_.flip_after > 0 && wire_->counters().bytes_acked > path_.flip_after) trusted_ = false;
    if (service_ == Service::garbage) {
        const base::Bytes noise(4'000, static_cast<std::uint8_t>(world_.random.between(0, 255)));
        return wire_->send_down(noise);
    }
    const bool understood = session_.consume(bytes, world_.now()).has_value();
    require(understood || !trusted_, "the server's side cannot read what was sent");
    while (auto event = session_.next_event()) {
        if (const auto* asked = std::get_if<rtmp::PublishRequested>(&*event)) {
            require(!trusted_ || platform_.knows(asked->stream_key.reveal()), "the platform got another key");
            key_ = asked->stream_key.reveal();
            on_publish();
        } else if (const auto* media = std::get_if<rtmp::MediaReceived>(&*event)) {
            on_media(media->message);
        } else if (std::holds_alternative<rtmp::PublishEnded>(*event)) {
            farewell_ = true;
        }
    }
    answer();
    if (over_) return;
    if (session_.closing() || !understood) {
        over_ = true;
        wire_->close();
    }
}

void Session::answer() {
    const base::Bytes out = session_.take_output();
    if (out.empty()) return;
    if ((service_ == Service::mute || service_ == Service::closes) && answers_left_-- <= 0) {
        if (service_ == Service::mute) return;
        over_ = true;
        return wire_->close();
    }
    // Its first answer ends the handshake, the second is the one to connect.
    if (service_ == Service::connect_error && std::exchange(shaken_hands_, true)) return refuse_to_connect();
    wire_->send_down(out);
}

void Session::refuse_to_connect() {
    rtmp::MessageChannel channel(rtmp::limits_of_publisher);
    channel.send_command(rtmp::error_of(1, "NetConnection.Connect.Rejected", "Not for you"));
    wire_->send_down(channel.take_output());
    platform_.refused();
    over_ = true;
    wire_->close();
}

void Session::on_publish() {
    if (service_ == Service::closes_at_key) {
        platform_.refused();
        over_ = true;
        return wire_->close();
    }
    if (service_ == Service::wrong_key) {
        platform_.refused();
        return session_.refuse("NetStream.Publish.BadName", "The key " + key_ + " is not known.");
    }
    session_.accept_publish();
    accepted_at_ = world_.now();
    world_.note("accepts the stream", platform_.settings().number);
    if (service_ == Service::quick_close) later(0ms, 3s, &Session::close_in_order);
    if (service_ == Service::ends_stream) later(0ms, 20s, &Session::end_stream);
    if (service_ == Service::half_close) later(0ms, 20s, &Session::half_close);
    if (service_ == Service::come_again) later(0ms, 20s, &Session::ask_to_come_again);
}

void Session::later(base::Duration from, base::Duration to, void (Session::*act)()) {
    world_.after(world_.random.between(from, to), [this, alive = std::weak_ptr(alive_), act] {
        if (alive.lock() && !over_ && wire_->open()) (this->*act)();
    });
}

void Session::close_in_order() {
    // Not in the books: a write that crosses the close makes a reset of it, which is no refusal.
    world_.note("closes the connection", platform_.settings().number);
    over_ = true;
    wire_->close();
}

void Session::end_stream() {
    world_.note("ends the stream", platform_.settings().number);
    session_.end("We end " + key_);
    answer();
    over_ = true;
    wire_->close();
}

void Session::half_close() {
    world_.note("closes its side", platform_.settings().number);
    wire_->close_down();
}

void Session::ask_to_come_again() {
    world_.note("asks to come again", platform_.settings().number);
    rtmp::AmfObject information{{"level", "status"}, {"code", "NetConnection.Connect.ReconnectRequest"}};
    if (world_.random.percent(60)) information.set("tcUrl", platform_.invite());
    rtmp::MessageChannel channel(rtmp::limits_of_publisher);
    channel.announce_chunk_size(rtmp::ServerSettings{}.out_chunk_size);
    channel.send_command({"onStatus", 0, rtmp::AmfNull{}, {std::move(information)}});
    wire_->send_down(channel.take_output());
}

void Session::on_media(const rtmp::Message& message) {
    if (!trusted_) return;
    const bool began = checker_.first() != Reference::none;
    checker_.message(message);
    if (!began && checker_.first() != Reference::none) check_start();
}

// The newest keyframe that is young enough, else the next one.
void Session::check_start() {
    if (world_.failed() || !platform_.settings().healthy) return;
    const Reference& reference = *checker_.reference();
    require(reference.stream == platform_.settings().stream, "an output got another stream");
    const Reference::Entry& first = reference.at(checker_.first());
    if (!first.keyframe) return;
    require(first.published >= *accepted_at_ - oldest_start - slack, "an output starts with an old keyframe",
            checker_.first());
    for (std::int64_t i = reference.last(); i > checker_.first(); --i) {
        const Reference::Entry& later = reference.at(i);
        require(!later.keyframe || later.published >= *accepted_at_ - latest_flush,
                "an output starts before the newest keyframe", i);
    }
    // It was there when the output joined: nothing newer is missing.
    if (first.published <= *accepted_at_ + path_.latency + latest_flush) return;
    for (std::int64_t i = checker_.first() - 1; i >= 0; --i) {
        const Reference::Entry& earlier = reference.at(i);
        if (earlier.published < *accepted_at_ - oldest_start + slack) return;
        require(!earlier.keyframe, "an output starts after a keyframe that it could have had", i);
    }
}

void Session::must_deliver(const Reference& reference) {
    if (over_ || !wire_->open()) return;
    if (must_deliver_) return;
    must_deliver_ = reference.last();
    must_deliver_of_ = &reference;
}

void Session::check() {
    if (over_ || !wire_->open()) return;
    const PlatformSettings& settings = platform_.settings();
    if (!accepted_at_) {
        require(world_.now() - dialed_at_ <= connect_deadline + slack,
                "a platform that does not accept is waited for too long");
        return;
    }
    if (const auto since = wire_->stuck_since())
        require(world_.now() - *since <= stalled_deadline, "a connection that takes nothing is kept");
    if (world_.now() - *accepted_at_ > 6s) platform_.took_well();
    if (!settings.healthy || checker_.current() == Reference::none) return;
    const Reference& reference = *checker_.reference();
    if (checker_.current() >= reference.last()) return;
    const Time due = std::max(reference.at(checker_.current() + 1).published, *accepted_at_ + first_burst) +
                     settings.flush_window + 2 * path_.latency + latest_flush;
    require(world_.now() <= due, "a healthy output is late", checker_.current() + 1);
}

void Session::check_end() {
    const bool receiving = checker_.current() != Reference::none;
    if (!platform_.settings().healthy || !receiving || platform_.let_go_allowed()) return;
    require(farewell_, "a healthy output ends without a farewell");
    if (!must_deliver_of_ || checker_.reference() != must_deliver_of_) return;
    require(checker_.current() >= *must_deliver_, "a healthy output's last frames are missing",
            *must_deliver_ - checker_.current());
}

void Session::finished() {
    if (over_) return;
    world_.note("is left in good order", platform_.settings().number);
    check_end();
    over_ = true;
    wire_->close();
}

void Session::lost() {
    if (over_) return;
    world_.note("is left by a reset", platform_.settings().number);
    const bool receiving = checker_.current() != Reference::none;
    require(!platform_.settings().healthy || !receiving || platform_.let_go_allowed(),
            "a healthy output's connection is reset");
    over_ = true;
}

void Session::offered(std::size_t bytes) {
    require(bytes <= largest_write, "a destination holds back more than one write",
            static_cast<std::int64_t>(bytes));
}

}  // namespace simulation
