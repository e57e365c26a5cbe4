#include "app/config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace app::config {
namespace {

using testing::HasSubstr;

class Load : public testing::Test {
  protected:
    Load() {
        std::filesystem::create_directories(folder_);
        sources_.environment = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = environment_.find(name);
            if (found == environment_.end()) return std::nullopt;
            return found->second;
        };
    }
    ~Load() override { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& text) {
        const auto path = folder_ / name;
        std::ofstream(path) << text;
        return path;
    }
    void config_file(const std::string& text) { sources_.config_file = write("everycast.toml", text); }
    Config good() {
        auto loaded = load(sources_);
        EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().message);
        return loaded ? loaded->config : Config{};
    }
    std::string mistakes() {
        const auto loaded = load(sources_);
        EXPECT_FALSE(loaded);
        return loaded ? "" : loaded.error().message;
    }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("everycast-load-test-" + std::to_string(::getpid()));
    std::map<std::string, std::string> environment_;
    Sources sources_;
};

TEST_F(Load, FlagWinsOverEnvironmentOverFileOverDefault) {
    EXPECT_EQ(good().http, Config{}.http);
    config_file("http = \"127.0.0.1:1\"");
    EXPECT_EQ(good().http, "127.0.0.1:1");
    environment_["EVERYCAST_HTTP"] = "127.0.0.1:2";
    EXPECT_EQ(good().http, "127.0.0.1:2");
    sources_.flags["http"] = "127.0.0.1:3";
    EXPECT_EQ(good().http, "127.0.0.1:3");
    EXPECT_EQ(load(sources_)->sources.at("http"), Source::flag);
}

TEST_F(Load, ReadsEveryTypeFromTheFile) {
    config_file(
        "takeover = false\n"
        "grace_s = 5\n"
        "cors_origins = [\"https://a.example\", \"https://b.example\"]\n"
        "registration = \"open\"\n"
        "hook_secret = \"from the file\"\n");
    const Config config = good();
    EXPECT_FALSE(config.takeover);
    EXPECT_EQ(config.grace_s, 5);
    EXPECT_EQ(config.cors_origins.size(), 2u);
    EXPECT_EQ(config.registration, "open");
    EXPECT_EQ(config.hook_secret.reveal(), "from the file");
}

TEST_F(Load, NamesThePlaceAndTheClosestKeyOfAnUnknownOne) {
    config_file("\nregistraton = \"open\"\n");
    EXPECT_THAT(
        mistakes(),
        HasSubstr("everycast.toml:2: there is no setting \"registraton\"; did you mean \"registration\"?"));
}

TEST_F(Load, TellsAllMistakesAtOnce) {
    config_file("grace_s = \"sixty\"\ntakeover = 1\n[server]\nport = 1\n");
    environment_["EVERYCAST_LOG_LEVEL"] = "loud";
    const std::string text = mistakes();
    EXPECT_THAT(text, HasSubstr("grace_s has a value of the wrong type; write a whole number"));
    EXPECT_THAT(text, HasSubstr("takeover has a value of the wrong type; write true or false"));
    EXPECT_THAT(text, HasSubstr("there is no setting \"server\""));
    EXPECT_THAT(text, HasSubstr("EVERYCAST_LOG_LEVEL: log_level must be"));
}

TEST_F(Load, TellsTheLineOfASyntaxError) {
    config_file("http = \"127.0.0.1:1\"\ngrace_s = = 3\n");
    EXPECT_THAT(mistakes(), HasSubstr("everycast.toml:2:"));
}

TEST_F(Load, AFileThatWasNamedMustBeThere) {
    sources_.config_file = folder_ / "nowhere.toml";
    EXPECT_THAT(mistakes(), HasSubstr("cannot be read"));
}

TEST_F(Load, SecretsComeFromFilesToo) {
    const std::string path = write("secret", "canary-from-a-file\n");
    config_file("hook_secret_file = \"" + path + "\"");
    EXPECT_EQ(good().hook_secret.reveal(), "canary-from-a-file");
    environment_["EVERYCAST_ENCRYPTION_KEY_FILE"] = path;
    EXPECT_EQ(good().encryption_key.reveal(), "canary-from-a-file");
    sources_.flags["metrics_token"] = path;
    EXPECT_EQ(good().metrics_token.reveal(), "canary-from-a-file");
}

TEST_F(Load, TheEncryptionKeyIsReadWithoutPrefixToo) {
    environment_["ENCRYPTION_KEY"] = "plain";
    EXPECT_EQ(good().encryption_key.reveal(), "plain");
    environment_["EVERYCAST_ENCRYPTION_KEY"] = "prefixed";
    EXPECT_EQ(good().encryption_key.reveal(), "prefixed");
}

}  // namespace
}  // namespace app::config
