#include "app/add_user.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/data_folder.h"
#include "app/foundation.h"
#include "app/password_prompt.h"
#include "app/process/limits.h"
#include "ingest/ingests.h"
#include "output/outputs.h"
#include "service/users.h"

namespace app {
namespace {

// This command has no engine beside it.
class NoOutputs final : public output::Outputs {
  public:
    void apply(output::DesiredBroadcast) override {}
    void end(const std::string&) override {}
    void retry(const std::string&, const std::string&) override {}
    std::vector<media::OutputStatus> snapshot() const override { return {}; }
    std::vector<media::OutputStatus> snapshot(const std::string&) const override { return {}; }
    std::optional<media::OutputStatus> find(const std::string&, const std::string&) const override {
        return {};
    }
    output::TestReport test(const output::DesiredOutput&) override { return {}; }
};

class NoIngests final : public ingest::Ingests {
  public:
    std::vector<ingest::IngestSnapshot> snapshot() const override { return {}; }
    std::optional<ingest::IngestSnapshot> find(const std::string&) const override { return {}; }
    void end(const std::string&, const std::string&) override {}
    void send_away(const std::string&, const std::string&) override {}
};

base::Result<service::User> create(const AddUser& request, const config::Config& config) {
    const auto role = service::role_from(request.role);
    if (!role) return base::fail(role.error());
    if (auto made = DataFolder::make(config.data_dir); !made) return base::fail(std::move(made.error()));
    base::LogSettings log;
    log.level = base::LogLevel::warn;
    auto foundation = Foundation::open(config, base::Logger(log));
    if (!foundation) return base::fail(std::move(foundation.error()));
    const auto password = ask_password(fmt::format("Password for {}", request.email), true);
    if (!password) return base::fail(password.error());

    NoOutputs outputs;
    NoIngests ingests;
    service::Context context = (*foundation)->context(outputs, ingests);
    service::UserService users(context);
    const std::string name =
        request.name.empty() ? request.email.substr(0, request.email.find('@')) : request.name;
    return users.create(service::Actor::system(), {request.email, *password, name, *role});
}

}  // namespace

int add_user(const AddUser& request) {
    process::harden(false);
    const auto loaded = config::load(request.sources);
    const auto user = loaded ? create(request, loaded->config) : base::fail(loaded.error());
    if (!user) {
        fmt::print(stderr, "everycast user add: {}\n", user.error().message);
        return 1;
    }
    fmt::print("{} may sign in as {}.\n", user->email, to_string(user->role));
    return 0;
}

}  // namespace app
