#include "app/top/top.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "app/process/signals.h"
#include "app/top/screen.h"
#include "app/top/table.h"

namespace app::top {
namespace {

// An output that is no terminal would fill a log with a table a second.
constexpr std::chrono::milliseconds plain_interval{5'000};

// An error that another try will not mend.
bool final(const base::Error& error) {
    return error.code == base::ErrorCode::unauthenticated || error.code == base::ErrorCode::forbidden;
}

int say_error(const base::Error& error) {
    fmt::print(stderr, "everycast top: {}\n", error.message);
    return 1;
}

int print_once(ApiClient& api) {
    const auto answer = api.get("/api/rtmp/status");
    if (!answer) return say_error(answer.error());
    fmt::print("{}", render(snapshot_from(*answer), base::SystemClock().wall(), TableStyle{.colour = false}));
    return 0;
}

}  // namespace

int run(const Options& options) {
    process::Signals signals;
    ApiClient api(options.server, options.credentials);
    if (options.once) return print_once(api);

    std::optional<base::Error> fatal;
    {
        Screen screen;
        const base::SystemClock clock;
        const auto interval = screen.live() ? options.interval : std::max(options.interval, plain_interval);
        std::string table;
        do {
            const auto answer = api.get("/api/rtmp/status");
            std::string notice;
            if (answer) {
                table = render(snapshot_from(*answer), clock.wall(), {screen.live(), screen.width()});
            } else if (final(answer.error())) {
                fatal = answer.error();
                break;
            } else {
                notice = fmt::format("\n{} (trying again)\n", printable(answer.error().message));
            }
            screen.paint(fmt::format("Everycast · {} · {}\n\n{}{}", options.server,
                                     base::to_rfc3339(clock.wall()), table, notice));
        } while (!signals.wait_for(interval));
    }
    return fatal ? say_error(*fatal) : 0;
}

}  // namespace app::top
