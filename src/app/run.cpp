#include "app/run.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <variant>

#include "app/add_user.h"
#include "app/check.h"
#include "app/command_line.h"
#include "app/password_prompt.h"
#include "app/serve.h"
#include "app/top/top.h"
#include "crypto/encryption_key.h"
#include "transcode/worker.h"

namespace app {
namespace {

base::Result<top::Credentials> credentials_for(const Top& request) {
    top::Credentials credentials;
    if (!request.token_file.empty()) {
        std::ifstream file(request.token_file);
        std::string token{std::istreambuf_iterator<char>(file), {}};
        if (!file || token.empty())
            return base::fail(base::ErrorCode::not_found,
                              fmt::format("{} cannot be read", request.token_file));
        while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
        credentials.token = base::Secret(std::move(token));
    } else if (!request.email.empty()) {
        auto password = ask_password(fmt::format("Password for {}", request.email), false);
        if (!password) return base::fail(std::move(password.error()));
        credentials.email = request.email;
        credentials.password = std::move(*password);
    } else if (const auto token = config::process_environment("EVERYCAST_TOKEN")) {
        credentials.token = base::Secret(*token);
    } else {
        return base::fail(base::ErrorCode::unauthenticated,
                          "say who you are: $EVERYCAST_TOKEN or --token-file with an API token, or --email");
    }
    return credentials;
}

int run_top(const Top& request) {
    auto credentials = credentials_for(request);
    if (!credentials) {
        fmt::print(stderr, "everycast top: {}\n", credentials.error().message);
        return 1;
    }
    return top::run({request.server, std::move(*credentials), request.once, request.interval});
}

int keygen() {
    fmt::print("{}\n", crypto::generate_encryption_key().reveal());
    return 0;
}

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};

}  // namespace

int run(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == transcode::worker_command)
        transcode::run_thumbnail_worker();
    return std::visit(Overloaded{[](const Serve& request) { return serve(request); },
                                 [](const AddUser& request) { return add_user(request); },
                                 [](const Keygen&) { return keygen(); },
                                 [](const Check& request) { return check(request); },
                                 [](const Top& request) { return run_top(request); },
                                 [](const Demo& request) { return demo::run(request.options); },
                                 [](const Done& done) { return done.exit_code; }},
                      parse_command_line(argc, argv));
}

}  // namespace app
