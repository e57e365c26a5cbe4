#include "app/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <tuple>

#include "app/engine.h"
#include "app/process/facts.h"
#include "app/process/limits.h"
#include "app/version.h"
#include "ingest/rtmp/server.h"
#include "service/event_hub.h"
#include "service/event_router.h"
#include "service/live_board.h"
#include "service/playback_desk.h"
#include "service/recording_archive.h"
#include "service/recordings.h"

namespace app {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::map<std::string, std::string>;

const prometheus::Histogram::BucketBoundaries request_seconds{0.001, 0.005, 0.02, 0.1, 0.5, 2, 10};
constexpr std::array output_states{media::OutputState::connected, media::OutputState::connecting,
                                   media::OutputState::disconnected, media::OutputState::error,
                                   media::OutputState::unknown};

// Families in the order of their first sample.
class Page {
  public:
    void gauge(const std::string& name, const std::string& help, double value, const Labels& labels = {}) {
        sample(MetricType::Gauge, name, help, labels).gauge.value = value;
    }
    void counter(const std::string& name, const std::string& help, double value, const Labels& labels = {}) {
        sample(MetricType::Counter, name, help, labels).counter.value = value;
    }
    std::vector<MetricFamily> take() { return std::move(families_); }

  private:
    ClientMetric& sample(MetricType type, const std::string& name, const std::string& help,
                         const Labels& labels) {
        const auto [found, fresh] = index_.try_emplace(name, families_.size());
        if (fresh) families_.push_back({name, help, type, {}});
        ClientMetric& metric = families_[found->second].metric.emplace_back();
        for (const auto& [label, value] : labels) metric.label.push_back({label, value});
        return metric;
    }

    std::vector<MetricFamily> families_;
    std::map<std::string, std::size_t> index_;
};

double number(std::integral auto value) {
    return static_cast<double>(value);
}

}  // namespace

struct Metrics::Impl {
    Impl(const Sources& s, std::vector<Limit> l)
        : sources(s),
          limits(std::move(l)),
          descriptors(process::descriptor_limit()),
          started(s.clock.now()),
          requests(prometheus::BuildCounter()
                       .Name("everycast_http_requests_total")
                       .Help("Requests answered")
                       .Register(registry)),
          latencies(prometheus::BuildHistogram()
                        .Name("everycast_http_request_seconds")
                        .Help("From the request to its answer")
                        .Register(registry)) {}

    void process(Page& page) const {
        const process::Facts facts = process::facts();
        page.gauge("everycast_build_info", "Always 1; the label is what matters", 1,
                   {{"version", std::string(version)}});
        page.gauge("everycast_uptime_seconds", "Since the start",
                   std::chrono::duration<double>(sources.clock.now() - started).count());
        page.counter("process_cpu_seconds_total", "CPU time used", facts.cpu_seconds);
        page.gauge("process_resident_memory_bytes", "Memory in use", number(facts.resident_bytes));
        page.gauge("everycast_memory_bytes",
                   "In use of everycast_limit{of=\"memory_bytes\"}, segments included",
                   number(sources.engine.memory.used()));
        page.gauge("process_open_fds", "Open descriptors", number(facts.open_descriptors));
        page.gauge("process_max_fds", "Descriptors allowed", number(descriptors));
        page.gauge("process_threads", "Threads", number(facts.threads));
    }

    // What parts count by themselves stands beside what they were given to count.
    std::map<std::string, std::uint64_t, std::less<>> limits_reached() const {
        auto reached = sources.hits.counts();
        reached["events_queued"] += sources.router.lost();
        if (sources.rtmp == nullptr) return reached;
        const ingest::rtmp::ServerCounters counters = sources.rtmp->counters();
        for (const net::AcceptorCounters& port : {counters.rtmp, counters.rtmps}) {
            reached["rtmp_connections"] += port.times_full;
            reached["rtmp_connections_per_address"] += port.refused_per_address;
            reached["reserved_descriptors"] += port.refused_scarce;
            reached["rtmps_handshake_seconds"] += port.tls_late;
        }
        return reached;
    }

    void bounds(Page& page) const {
        auto reached = limits_reached();
        for (const Limit& limit : limits) {
            const Labels labels{{"of", std::string(limit.of)}};
            page.gauge("everycast_limit", "Bounds of this server, in the unit of their name", limit.value,
                       labels);
            if (limit.counted == Limit::Counted::yes) reached.try_emplace(std::string(limit.of), 0);
        }
        for (const auto& [of, count] : reached)
            page.counter("everycast_limit_reached_total",
                         "How often somebody was refused or ended for passing this bound", number(count),
                         {{"of", of}});
    }

    void ingests(Page& page) const {
        std::size_t connected = 0;
        const auto all = sources.engine.desk->snapshot();
        for (const ingest::IngestSnapshot& one : all) connected += one.connected ? 1 : 0;
        page.gauge("everycast_ingests", "Streams by whether their encoder is connected", number(connected),
                   {{"connected", "true"}});
        page.gauge("everycast_ingests", "", number(all.size() - connected), {{"connected", "false"}});
        for (const ingest::IngestSnapshot& one : all) {
            const Labels labels{{"stream", one.stream_id}};
            const media::IngestFacts& facts = one.facts;
            page.counter("everycast_ingest_bytes_total", "Received from the encoder", number(facts.bytes),
                         labels);
            page.counter("everycast_ingest_frames_total", "Received from the encoder", number(facts.frames),
                         labels);
            page.counter("everycast_ingest_frames_dropped_total", "Pictures before the first keyframe",
                         number(facts.frames_dropped), labels);
            page.counter("everycast_ingest_discontinuities_total",
                         "Jumps of the encoder's clock that were mended", number(facts.discontinuities),
                         labels);
            page.gauge("everycast_ingest_video_kbps", "Video bitrate", number(facts.video.bitrate_kbps),
                       labels);
            page.gauge("everycast_ingest_fps", "Pictures a second", facts.video.fps, labels);
            page.gauge("everycast_ingest_keyframe_interval_seconds", "Between the last two keyframes",
                       facts.video.keyframe_interval_s, labels);
            page.gauge("everycast_ingest_drift_milliseconds", "Media clock minus wall clock",
                       number(facts.drift_ms), labels);
        }
    }

    void outputs(Page& page) const {
        std::map<std::string, std::string> platforms;
        for (const service::LiveEntry& entry : sources.board.sessions())
            for (const auto& endpoint : entry.endpoints)
                platforms[endpoint.destination_id] = endpoint.platform;
        std::map<media::OutputState, std::size_t> states;
        const auto all = sources.engine.outputs.snapshot();
        for (const media::OutputStatus& one : all) ++states[one.state];
        for (const media::OutputState state : output_states)
            page.gauge("everycast_outputs", "Destinations by state", number(states[state]),
                       {{"state", std::string(to_string(state))}});
        for (const media::OutputStatus& one : all) {
            const Labels labels{{"destination", one.destination_id},
                                {"platform", platforms[one.destination_id]}};
            const media::OutputMetrics& metrics = one.metrics;
            page.gauge("everycast_output_connected", "1 while the platform takes the stream",
                       one.state == media::OutputState::connected ? 1 : 0, labels);
            page.counter("everycast_output_bytes_total", "Sent", number(metrics.bytes_sent), labels);
            page.counter("everycast_output_frames_total", "Sent", number(metrics.frames_sent), labels);
            page.counter("everycast_output_frames_dropped_total",
                         "Left out because the destination was too slow", number(metrics.frames_dropped),
                         labels);
            page.counter("everycast_output_reconnects_total", "Connections made again",
                         number(metrics.reconnects), labels);
            page.gauge("everycast_output_kbps", "Bitrate", number(metrics.bitrate_kbps), labels);
            page.gauge("everycast_output_fps", "Pictures a second", metrics.fps, labels);
            page.gauge("everycast_output_queue_milliseconds", "Age of what waits to be sent",
                       number(metrics.queue_ms), labels);
            page.gauge("everycast_output_queue_bytes", "Waiting to be sent", number(metrics.queue_bytes),
                       labels);
            page.gauge("everycast_output_rtt_milliseconds", "Round trip, by the kernel", metrics.rtt_ms,
                       labels);
        }
    }

    void connections(Page& page) const {
        page.gauge("everycast_rtmp_players", "RTMP players that watch",
                   number(sources.engine.players.count()));
        page.gauge("everycast_flv_players", "FLV players that watch, over HTTP and WebSocket",
                   number(sources.engine.flv.count()));
        if (sources.rtmp == nullptr) return;
        const ingest::rtmp::ServerCounters counters = sources.rtmp->counters();
        page.gauge("everycast_rtmp_connections", "Encoders and players connected",
                   number(counters.connections));
        for (const auto& [listener, one] :
             {std::pair("rtmp", counters.rtmp), std::pair("rtmps", counters.rtmps)}) {
            page.counter("everycast_rtmp_accepted_total", "Connections let in", number(one.accepted),
                         {{"listener", listener}});
            page.counter("everycast_rtmp_refused_total", "Connections turned away",
                         number(one.refused_scarce), {{"listener", listener}, {"reason", "descriptors"}});
            page.counter("everycast_rtmp_refused_total", "", number(one.refused_per_address),
                         {{"listener", listener}, {"reason", "per_address"}});
            page.counter("everycast_rtmp_refused_total", "", number(one.tls_failed),
                         {{"listener", listener}, {"reason", "tls"}});
        }
        page.counter("everycast_rtmp_protocol_errors_total", "Connections ended for what they sent",
                     number(counters.protocol_errors));
        page.counter("everycast_rtmp_deadlines_total", "Connections ended because they were too slow",
                     number(counters.deadlines_passed));
        page.counter("everycast_rtmp_publish_refused_total", "Publishers turned away",
                     number(counters.publish_refused));
    }

    void playback(Page& page) const {
        const output::cmaf::Feeds::Facts feeds = sources.engine.feeds.facts();
        page.gauge("everycast_packaged_streams", "Streams that are packaged, for HLS or a recording",
                   number(feeds.feeds));
        page.counter("everycast_packager_frames_dropped_total",
                     "Frames left out because a packager was behind", number(feeds.frames_dropped));
        const output::hls::Server::Facts hls = sources.engine.hls.facts();
        page.gauge("everycast_hls_streams", "Streams that are kept ready as HLS", number(hls.streams));
        page.gauge("everycast_hls_bytes", "Segments in memory, readers' included", number(hls.bytes_held));
        page.gauge("everycast_hls_waiting", "Players that wait for what comes next", number(hls.waiting));
        page.counter("everycast_hls_segments_total", "Segments made", number(hls.segments_made));
        page.counter("everycast_hls_parts_lost_total", "Parts that memory had no room for",
                     number(hls.parts_lost));
        page.counter("everycast_hls_playlists_total", "Playlists made; each may be handed out often",
                     number(hls.texts_made));

        const output::record::Recorder::Facts recorder = sources.engine.recorder.facts();
        page.gauge("everycast_recordings", "Recordings that are written now", number(recorder.recordings));
        page.counter("everycast_recording_bytes_total", "Written to disk", number(recorder.bytes_written));
        page.gauge("everycast_recording_queue_bytes", "Waiting for the disk", number(recorder.queued_bytes));
        page.counter("everycast_recording_parts_dropped_total", "Parts that the disk was too slow for",
                     number(recorder.parts_dropped));
        page.counter("everycast_recording_disk_errors_total", "Calls that the disk failed",
                     number(recorder.disk_errors));

        const service::ArchiveFigures archive = sources.recordings.archived();
        page.counter("everycast_archived_files_total", "Recorded files brought to the object store",
                     number(archive.files));
        page.counter("everycast_archived_bytes_total", "The same, bytes", number(archive.bytes));
        page.counter("everycast_archive_removed_total", "Objects removed from the store",
                     number(archive.removed));
        page.counter("everycast_archive_failures_total", "Tries that the object store failed",
                     number(archive.failures));
        page.gauge("everycast_archive_waiting", "Recordings that are ready and not yet in the object store",
                   number(archive.waiting.recordings));
        page.gauge("everycast_archive_waiting_bytes", "The same, bytes", number(archive.waiting.bytes));
        page.gauge("everycast_archive_late_seconds",
                   "For how long nothing could be brought to the object store; 0: all is well",
                   number(archive.late.count()));
        page.gauge("everycast_archive_away_seconds",
                   "For how long the object store has not answered; 0: it answers, or nobody asked",
                   number(archive.away.count()));

        const service::PlaybackFigures desk = sources.playback.figures();
        page.gauge("everycast_viewers", "Players that watch now", number(desk.audience.watching));
        page.gauge("everycast_viewer_ids", "Players remembered", number(desk.audience.players));
        page.gauge("everycast_playback_sessions", "Players of gated and private media",
                   number(desk.sessions));

        const transcode::ThumbnailCounters pictures = sources.engine.thumbnailer.counters();
        page.counter("everycast_thumbnails_total", "Pictures made", number(pictures.made));
        page.counter("everycast_thumbnails_refused_total", "Keyframes that could not be decoded",
                     number(pictures.refused));
        page.counter("everycast_thumbnail_workers_killed_total",
                     "Workers that crashed, broke their rules or took too long", number(pictures.killed));
    }

    void events(Page& page) const {
        page.gauge("everycast_events_queued", "Facts of the engine that wait to be applied",
                   number(sources.router.queued()));
        page.counter("everycast_events_lost_total", "Facts lost because the queue was full",
                     number(sources.router.lost()));
        page.gauge("everycast_event_listeners", "Browsers that listen to events",
                   number(sources.events.listeners()));
    }

    struct Series {
        prometheus::Counter& requests;
        prometheus::Histogram& seconds;
    };

    // Finding a family's member by its labels costs more than all else that is counted here.
    const Series& series_of(const api::RequestRecord& request) {
        const std::tuple key(request.method, request.route, request.status);
        {
            const std::shared_lock lock(known_mutex);
            if (const auto found = known.find(key); found != known.end()) return found->second;
        }
        const std::string method(request.method);
        const std::string route(request.route);
        const Series series{
            requests.Add({{"method", method}, {"route", route}, {"status", std::to_string(request.status)}}),
            latencies.Add({{"method", method}, {"route", route}}, request_seconds)};
        const std::lock_guard lock(known_mutex);
        return known.try_emplace({method, route, request.status}, series).first->second;
    }

    const Sources sources;
    const std::vector<Limit> limits;
    const std::uint64_t descriptors;
    const base::MonotonicTime started;
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests;
    prometheus::Family<prometheus::Histogram>& latencies;
    std::shared_mutex known_mutex;
    // By method, route and status; never erased.
    std::map<std::tuple<std::string, std::string, int>, Series, std::less<>> known;
};

Metrics::Metrics(const Sources& sources, std::vector<Limit> limits)
    : impl_(std::make_unique<Impl>(sources, std::move(limits))) {}

Metrics::~Metrics() = default;

void Metrics::observe(const api::RequestRecord& request) {
    const Impl::Series& series = impl_->series_of(request);
    series.requests.Increment();
    series.seconds.Observe(request.seconds);
}

std::string Metrics::text() const {
    Page page;
    impl_->process(page);
    impl_->bounds(page);
    impl_->ingests(page);
    impl_->outputs(page);
    impl_->connections(page);
    impl_->playback(page);
    impl_->events(page);
    std::vector<MetricFamily> families = page.take();
    for (MetricFamily& family : impl_->registry.Collect()) families.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace app
