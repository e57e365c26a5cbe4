#include "app/demo/demo.h"

#include <fmt/format.h>

#include <cstdio>
#include <deque>
#include <filesystem>
#include <optional>

#include "app/demo/scene.h"
#include "app/demo/story.h"
#include "app/process/signals.h"
#include "app/top/screen.h"
#include "app/top/table.h"
#include "base/clock.h"

namespace app::demo {
namespace {

using namespace std::chrono_literals;

constexpr auto tick = 1s;
constexpr auto plain_table_interval = 5s;
constexpr std::size_t shown_notices = 8;

// As the person who typed the command would name it.
std::string from_here(const std::filesystem::path& file) {
    std::error_code unknown;
    const std::filesystem::path near = std::filesystem::relative(file, unknown);
    return unknown || near.empty() || *near.begin() == ".." ? file.string() : near.string();
}

class Show {
  public:
    Show(const Options& options, Scene& scene) : options_(options), scene_(scene) {}

    // Until a signal comes, the time is over, or the server is gone.
    void run(process::Signals& signals) {
        do {
            step();
            if (!scene_.server_running())
                return notice("the server has ended; see " + from_here(scene_.server_log()));
        } while (!over() && !signals.wait_for(tick));
    }
    const Story& story() const { return story_; }

  private:
    std::chrono::seconds elapsed() const {
        return std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - began_);
    }
    bool over() const { return options_.duration.count() > 0 && elapsed() >= options_.duration; }

    void notice(const std::string& text) {
        notices_.push_back(
            fmt::format("{}  {}", top::human_duration(elapsed().count()), top::printable(text)));
        if (notices_.size() > shown_notices) notices_.pop_front();
        if (!screen_.live()) screen_.paint(notices_.back() + "\n");
    }

    void step() {
        direct_failing_receiver();
        take_pictures();
        if (!scene_.encoder().running()) {
            notice("the encoder ended and is started again");
            if (auto started = scene_.encoder().start(); !started) notice(started.error().message);
        }
        if (const auto answer = scene_.api().get("/api/rtmp/status")) {
            const top::Snapshot snapshot = top::snapshot_from(*answer);
            if (std::string news; story_.observe(snapshot, down_, news)) notice(news);
            table_ = top::render(snapshot, clock_.wall(), {screen_.live(), screen_.width()});
        } else {
            notice(answer.error().message);
        }
        show();
    }

    void direct_failing_receiver() {
        Receiver& receiver = scene_.receivers()[failing_receiver];
        const bool down = should_be_down(elapsed(), options_.duration);
        if (down && !down_) {
            receiver.fail();
            story_.failed();
            notice(fmt::format("{} is killed, as a platform's server may die; it comes back in {} s",
                               receiver.name(), outage.count()));
        } else if (!down && down_) {
            const auto started = receiver.start();
            notice(started ? receiver.name() + " is up again; Everycast finds it by itself"
                           : started.error().message);
        }
        down_ = down;
    }

    void take_pictures() {
        for (std::size_t i = 0; i < scene_.receivers().size(); ++i) {
            if (!scene_.receivers()[i].picture_arrived()) continue;
            story_.picture(i);
            notice(fmt::format("{} shows the test card: {}", scene_.receivers()[i].name(),
                               from_here(scene_.receivers()[i].picture())));
        }
        if (elapsed() < next_pictures_) return;
        next_pictures_ = elapsed() + picture_interval;
        for (Receiver& receiver : scene_.receivers()) receiver.take_picture();
    }

    void show() {
        if (!screen_.live()) {
            if (elapsed() < next_plain_table_) return;
            next_plain_table_ = elapsed() + plain_table_interval;
            return screen_.paint("\n" + table_ + "\n");
        }
        std::string text =
            fmt::format("Everycast demo · {} · {} · password {} · Ctrl-C ends it\n\n{}\n",
                        scene_.server_url(), scene_.email(), scene_.password().reveal(), table_);
        for (const std::string& line : notices_) text += top::fitted(line, screen_.width()) + "\n";
        screen_.paint(text);
    }

    const Options& options_;
    Scene& scene_;
    const base::SystemClock clock_;
    const base::MonotonicTime began_ = clock_.now();
    Story story_;
    top::Screen screen_;
    std::deque<std::string> notices_;
    std::string table_;
    std::chrono::seconds next_pictures_{5};
    std::chrono::seconds next_plain_table_{0};
    bool down_ = false;
};

}  // namespace

int run(const Options& options) {
    process::Signals signals;
    Scene scene(options);
    fmt::print("Setting the scene: a server, three receivers (nginx), an encoder (ffmpeg)…\n");
    std::fflush(stdout);
    if (const auto built = scene.build(); !built) {
        fmt::print(stderr, "everycast demo: {}\n", built.error().message);
        scene.end();
        return 1;
    }
    fmt::print("Live. API: {}  account: {}  password: {}\n", scene.server_url(), scene.email(),
               scene.password().reveal());
    std::fflush(stdout);

    std::optional<Show> show(std::in_place, options, scene);
    show->run(signals);
    const Story story = show->story();
    show.reset();  // gives the terminal back
    fmt::print("Ending: the broadcast, the encoder, the server, the receivers…\n");
    std::fflush(stdout);
    scene.end();
    // Whoever stopped it by hand has seen enough, whatever was still missing.
    const bool judged = options.duration.count() > 0;
    fmt::print("demo {}: {}\n", !judged ? "stopped" : story.happy() ? "passed" : "FAILED", story.summary());
    return !judged || story.happy() ? 0 : 1;
}

}  // namespace app::demo
