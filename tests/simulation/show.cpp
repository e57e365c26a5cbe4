#include "simulation/show.h"

#include <algorithm>

namespace simulation {
namespace {

constexpr auto watch_every = 25ms;
constexpr auto desk_every = 100ms;
constexpr auto statuses_every = 500ms;
// The platform may take 2 s to read a farewell; posts and ticks come on top.
constexpr auto ends_within = 2'500ms;
// From the moment on that both the stream and the wish are there.
constexpr auto joins_within = 3s;
constexpr auto forgets_within = 200ms;
// A write that a full socket has not taken, besides what the stream holds for all.
constexpr std::uint64_t most_queued = 1024 * 1024;

}  // namespace

Show::Show(std::uint64_t seed, bool verbose)
    : world_(seed, verbose), log_([this, verbose](std::string_view line) {
          if (verbose) world_.print(line);
          look_for_secrets(line);
      }) {
    draw();
}

Show::~Show() {
    over_ = true;
    supervisor_.reset();
    world_.forget_events();
}

void Show::draw() {
    Random& random = world_.random;
    length_ = random.percent(10) ? random.between(40s, 80s) : random.between(6s, 20s);
    hub::FrameLogSettings log_settings;
    log_settings.keep = std::chrono::milliseconds(random.between(3'000, 6'000));
    registry_ = std::make_unique<hub::Registry>(log_settings);
    media::EventSink& events = *this;
    desk_ = std::make_shared<ingest::StreamDesk>(*registry_, events, world_.clock, log_);

    const int stream_count = static_cast<int>(random.between(1, 3));
    // In some shows sockets are filled by a single group of pictures.
    const bool heavy = random.percent(4);
    for (int i = 0; i < stream_count; ++i) {
        EncoderProfile profile;
        const auto kind = random.between(0, 9);
        profile.audio = kind != 0;
        profile.video = kind != 1;
        profile.metadata = random.percent(80);
        profile.second_track = random.percent(10);
        profile.codec = random.percent(30) ? media::Codec::hevc : media::Codec::h264;
        profile.tick = random.between(100ms, 350ms);
        profile.group = static_cast<int>(random.between(2, 12));
        profile.picture_bytes =
            static_cast<int>(heavy ? random.between(5'000, 60'000) : random.between(50, 1'200));
        profile.grace = std::chrono::milliseconds(random.between(200, 5'000));
        const std::uint32_t wraps[] = {0, 0xffffff - 4'000, 0x7fffffff - 4'000, 0xffffffff - 4'000};
        profile.first_timestamp = wraps[random.between(0, 3)];
        encoders_.push_back(std::make_unique<Encoders>(world_, *desk_, i, profile, references_));
        broadcasts_.emplace_back();
    }

    const int platform_count = static_cast<int>(random.between(2, 8));
    const int windows[] = {0, 50, 100, 100, 250};
    for (int i = 0; i < platform_count; ++i) {
        PlatformSettings settings;
        settings.number = i;
        settings.stream = static_cast<int>(random.between(0, stream_count - 1));
        settings.healthy = i == 0 || random.percent(30);
        settings.least_capacity = heavy ? 64 : 16;
        settings.tls = random.percent(40);
        settings.key = std::string(canary) + std::to_string(i) + "-";
        settings.trouble = settings.healthy ? 0 : static_cast<int>(random.between(20, 95));
        settings.flush_window = std::chrono::milliseconds(windows[random.between(0, 4)]);
        platforms_.push_back(
            std::make_unique<Platform>(world_, settings, [this](std::uint32_t id) { return reference(id); }));
    }

    std::vector<output::rtmp::SupervisorCore> cores;
    for (int i = 0; i < 2; ++i) {
        loops_.push_back(std::make_unique<Loop>(world_));
        Network& network = *this;
        cores.push_back({*loops_.back(), std::make_unique<Connector>(world_, *loops_.back(), network),
                         static_cast<std::uint32_t>(random.next())});
    }
    registry_->observe([this](const std::shared_ptr<hub::Stream>& stream) {
        if (!stream->ended()) streams_.push_back(stream);
    });
    output::rtmp::SupervisorSettings settings;
    settings.farewell = std::chrono::milliseconds(0);
    supervisor_ = std::make_unique<output::rtmp::Supervisor>(
        settings, std::move(cores), [](const output::DesiredOutput&) { return output::TestReport{}; },
        *registry_, events, world_.clock, log_);

    for (std::size_t i = 0; i < encoders_.size(); ++i) {
        world_.after(random.between(0ms, 2s), [this, i] { start(i); });
        world_.after(random.between(0ms, 2s), [this, i] { encoders_[i]->come(); });
        world_.after(random.between(1s, 6s), [this, i] { encoder_acts(i); });
        world_.after(random.between(1s, 6s), [this, i] { owner_acts(i); });
    }
    tick_desk();
    watch();
}

bool Show::run() {
    world_.run_until(world_.now() + length_);
    wind_up();
    return !world_.failed();
}

// --- encoders and owners

void Show::encoder_acts(std::size_t stream) {
    if (winding_up_) return;
    Random& random = world_.random;
    Encoders& encoders = *encoders_[stream];
    world_.after(random.between(300ms, 7s), [this, stream] { encoder_acts(stream); });
    if (!encoders.publishing()) return encoders.come();
    switch (random.between(0, 5)) {
        case 0:
        case 1:
            return encoders.vanish();
        case 2:
            return encoders.come();
        case 3:
            return encoders.jump_time();
        default:
            return encoders.change_configuration();
    }
}

void Show::owner_acts(std::size_t stream) {
    if (winding_up_) return;
    Random& random = world_.random;
    world_.after(random.between(500ms, 6s), [this, stream] { owner_acts(stream); });
    if (!broadcasts_[stream].on) return start(stream);
    if (random.percent(10)) return end(stream);
    if (random.percent(50)) return change(stream);
    for (const auto& platform : platforms_) {
        const PlatformSettings& settings = platform->settings();
        if (settings.healthy || settings.stream != static_cast<int>(stream) || !random.percent(40)) continue;
        world_.note("the owner retries", settings.number);
        platform->owner_retried();
        supervisor_->retry("br_" + std::to_string(stream), "de_" + std::to_string(settings.number));
    }
}

void Show::start(std::size_t stream) {
    if (winding_up_ || broadcasts_[stream].on) return;
    world_.note("the broadcast starts", static_cast<int>(stream));
    Broadcast& broadcast = broadcasts_[stream];
    broadcast.on = true;
    broadcast.since = world_.now();
    for (const auto& platform : platforms_) {
        if (platform->settings().stream != static_cast<int>(stream)) continue;
        if (!platform->settings().healthy && world_.random.percent(20)) continue;
        platform->destination_made();
        broadcast.platforms.insert(platform->settings().number);
    }
    apply(stream);
}

void Show::end(std::size_t stream) {
    Broadcast& broadcast = broadcasts_[stream];
    if (!broadcast.on) return;
    world_.note("the broadcast ends", static_cast<int>(stream));
    for (const int number : broadcast.platforms) leaves(number);
    broadcast = {};
    supervisor_->end("br_" + std::to_string(stream));
}

// Adds, removes or changes destinations while the show goes on; healthy ones are left alone.
void Show::change(std::size_t stream) {
    Broadcast& broadcast = broadcasts_[stream];
    for (const auto& platform : platforms_) {
        const PlatformSettings& settings = platform->settings();
        if (settings.healthy || settings.stream != static_cast<int>(stream) || !world_.random.percent(50))
            continue;
        const bool there = broadcast.platforms.contains(settings.number);
        if (there) leaves(settings.number);
        if (there && world_.random.percent(50)) {
            world_.note("the owner removes a destination", settings.number);
            broadcast.platforms.erase(settings.number);
        } else {
            world_.note(there ? "the owner changes a destination" : "the owner adds a destination",
                        settings.number);
            platform->destination_made();
            broadcast.platforms.insert(settings.number);
        }
    }
    apply(stream);
}

void Show::apply(std::size_t stream) {
    output::DesiredBroadcast desired{"br_" + std::to_string(stream), encoders_[stream]->stream_id(), {}};
    for (const int number : broadcasts_[stream].platforms) {
        const Platform& platform = *platforms_[static_cast<std::size_t>(number)];
        output::DesiredOutput output;
        output.destination_id = "de_" + std::to_string(number);
        output.platform = "simulated";
        output.url = platform.url();
        output.stream_key = base::Secret(platform.key());
        output.flush_window =
            std::chrono::duration_cast<std::chrono::milliseconds>(platform.settings().flush_window);
        desired.outputs.push_back(std::move(output));
    }
    supervisor_->apply(std::move(desired));
}

void Show::leaves(int number) {
    endings_.push_back({"de_" + std::to_string(number), world_.now()});
    Platform& platform = *platforms_[static_cast<std::size_t>(number)];
    if (const Reference* now = encoders_[static_cast<std::size_t>(platform.settings().stream)]->current())
        platform.must_deliver(*now);
    platform.disturbed();
}

// --- the engine's facts

void Show::publish(media::Event event) {
    if (const auto* ended = std::get_if<media::StreamEnded>(&event)) {
        for (const auto& encoders : encoders_) {
            if (encoders->stream_id() != ended->stream_id) continue;
            for (const auto& platform : platforms_) {
                if (platform->settings().stream != encoders->stream()) continue;
                if (encoders->current()) platform->must_deliver(*encoders->current());
                platform->disturbed();
            }
            encoders->stream_ended();
        }
    } else if (const auto* changed = std::get_if<media::OutputChanged>(&event)) {
        look_for_secrets(changed->status);
    } else if (const auto* output = std::get_if<media::OutputEnded>(&event)) {
        look_for_secrets(output->status);
        const auto place = std::find_if(endings_.begin(), endings_.end(), [&](const Ending& ending) {
            return ending.destination == output->status.destination_id;
        });
        if (place == endings_.end()) return world_.fail("an output ended that nobody had ended");
        endings_.erase(place);
    }
}

DialPlan Show::plan(const net::DialTarget& target) {
    Platform* platform = platform_of(target.host);
    return platform ? platform->plan(target) : DialPlan{net::DialProblem::dns_failed};
}
WirePtr Show::connected(const net::DialTarget& target, net::Loop& loop) {
    return platform_of(target.host)->connected(target, loop);
}
void Show::attempt_over(const net::DialTarget& target) {
    if (Platform* platform = platform_of(target.host)) platform->attempt_over(target);
}

// --- the rules of the whole

void Show::tick_desk() {
    desk_->tick(world_.now());
    if (!over_) world_.after(desk_every, [this] { tick_desk(); });
}

void Show::watch() {
    if (over_) return;
    for (const auto& platform : platforms_) platform->check();
    check_memory();
    if (!endings_.empty())
        world_.require(world_.now() - endings_.front().since <= ends_within,
                       "an output that was ended does not end", platforms_[0]->settings().number);
    if (world_.now() >= statuses_at_) {
        statuses_at_ = world_.now() + statuses_every;
        check_statuses();
    }
    world_.after(watch_every, [this] { watch(); });
}

// What the streams and the full sockets account for is what is alive, no less and, but for a moment, no more.
void Show::check_memory() {
    held_ = 0;
    std::erase_if(streams_, [](const auto& stream) { return stream.expired(); });
    for (const auto& weak : streams_)
        if (const auto stream = weak.lock()) held_ += static_cast<std::int64_t>(stream->bytes_held());
    std::int64_t held_back = 0;
    for (const auto& platform : platforms_) held_back += static_cast<std::int64_t>(platform->held_back());
    const World::Alive& alive = world_.alive;
    world_.require(alive.payload_bytes >= held_, "memory is accounted for that is not alive", 0,
                   held_ - alive.payload_bytes);
    // A core may keep what was read last for a tick, for those who read the same next.
    const std::int64_t unknown = alive.payload_bytes - held_ - held_back - alive.companion_bytes;
    if (unknown <= 0) accounted_at_ = world_.now();
    world_.require(world_.now() - accounted_at_ <= forgets_within, "memory is alive that nobody accounts for",
                   0, unknown);
}

void Show::check_statuses() {
    // A status is half a second old at most.
    const std::int64_t held_lately = std::max(held_, std::exchange(held_before_, held_));
    for (const media::OutputStatus& status : supervisor_->snapshot()) {
        look_for_secrets(status);
        const auto number = static_cast<std::size_t>(std::stoi(status.destination_id.substr(3)));
        Platform& platform = *platforms_[number];
        world_.require(status.metrics.queue_bytes <= static_cast<std::uint64_t>(held_lately) + most_queued,
                       "more is queued than there may be", static_cast<int>(number),
                       static_cast<std::int64_t>(status.metrics.queue_bytes));
        if (platform.settings().healthy) check_joined(status, platform);
    }
}

void Show::check_joined(const media::OutputStatus& status, Platform& platform) {
    const int who = platform.settings().number;
    const auto stream = static_cast<std::size_t>(platform.settings().stream);
    world_.require(status.retry_count == 0 && status.last_error.empty(), "a healthy output has failed", who);
    world_.require(status.metrics.frames_dropped == 0, "a healthy output dropped frames", who);
    if (status.state == media::OutputState::connected)
        world_.require(platform.accepting(), "an output says connected and is not", who);
    const Reference* reference = encoders_[stream]->current();
    if (!reference || reference->entries.empty()) return;
    const Time since = std::max(reference->entries.front().published, broadcasts_[stream].since);
    if (world_.now() - since > joins_within)
        world_.require(platform.accepting(), "a healthy output is not connected", who);
}

void Show::look_for_secrets(std::string_view text) {
    if (text.find(canary) != std::string_view::npos) world_.fail("a secret is told: " + std::string(text));
}

void Show::look_for_secrets(const media::OutputStatus& status) {
    look_for_secrets(status.detail);
    look_for_secrets(status.last_error);
    look_for_secrets(status.destination_id);
}

// --- the end

void Show::wind_up() {
    winding_up_ = true;
    // Most shows end as they should; in some the server stops in the middle of everything.
    const bool in_order = world_.random.percent(70);
    if (in_order) {
        for (std::size_t i = 0; i < broadcasts_.size(); ++i) end(i);
        world_.run_until(world_.now() + ends_within + watch_every);
        world_.require(endings_.empty(), "outputs did not end", static_cast<int>(endings_.size()));
    } else {
        world_.note("the server stops", 0);
        for (const auto& platform : platforms_) platform->let_go();
        for (std::size_t i = 0; i < broadcasts_.size(); ++i) end(i);
    }
    over_ = true;
    supervisor_.reset();
    for (const auto& encoders : encoders_) desk_->end(encoders->stream_id(), "the server stops");
    world_.run_until(world_.now() + 1s);

    for (const auto& platform : platforms_)
        world_.require(platform->open_connections() == 0, "a connection outlives the show",
                       platform->settings().number);
    world_.forget_events();
    world_.require(world_.alive.links == 0, "links outlive the show", world_.alive.links);
    world_.require(world_.alive.timers == 0, "timers outlive the show", world_.alive.timers);
    for (const auto& stream : streams_) world_.require(stream.expired(), "a stream outlives the show", 0);
    world_.require(world_.alive.payloads == 0, "frames outlive the show", world_.alive.payloads,
                   world_.alive.payload_bytes);
}

Platform* Show::platform_of(const std::string& host) {
    const auto found = std::find_if(platforms_.begin(), platforms_.end(),
                                    [&](const auto& platform) { return platform->is(host); });
    return found == platforms_.end() ? nullptr : found->get();
}

const Reference* Show::reference(std::uint32_t id) const {
    return id < references_.size() ? &references_[id] : nullptr;
}

std::uint64_t Show::dials() const {
    std::uint64_t count = 0;
    for (const auto& platform : platforms_) count += platform->dials();
    return count;
}

std::uint64_t Show::frames() const {
    std::uint64_t count = 0;
    for (const Reference& reference : references_) count += reference.entries.size();
    return count;
}

}  // namespace simulation
