import Foundation
import MMTestSupport
import Testing

/// `run --chat` through the built executable.
@Suite struct ChatTests {
    private static let spelled = "<|im_start|>user\nhi there<|im_end|>\n<|im_start|>assistant\n"
    private static let source = """
        {% for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\\n' ~ m.content ~ '<|im_end|>\\n' }}{% endfor %}\
        {% if add_generation_prompt %}{{ bos_token ~ 'assistant\\n' }}{% endif %}
        """

    /// The folder of a tiny model with a tokenizer_config.json, and a chat_template.jinja, of one's own.
    private func model(template: String?, configured: String? = nil) throws -> TemporaryFolder {
        let work = try TemporaryFolder()
        let names = ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"]
        for name in names {
            try FileManager.default.copyItem(atPath: "\(MainJobTests.folder)/\(name)", toPath: work.path(name))
        }
        let configuration = """
            {"bos_token": {"content": "<|im_start|>"}, "eos_token": "<|im_end|>",
            "chat_template": \(configured ?? "null")}
            """
        _ = try work.file("tokenizer_config.json", Array(configuration.utf8))
        if let template { _ = try work.file("chat_template.jinja", Array(template.utf8)) }
        return work
    }

    private func chat(
        _ work: TemporaryFolder,
        _ options: [String] = [],
        environment: [String: String] = [:]
    ) throws -> MMPackBinary.Outcome {
        let arguments = ["run", work.path, "--chat", "--prompt", "hi there", "--max-tokens", "12"] + options
        return try MMPackBinary.run(arguments, environment: environment)
    }

    private func plain(_ prompt: String) throws -> [UInt8] {
        let outcome = try MMPackBinary.run(["run", MainJobTests.folder, "--prompt", prompt, "--max-tokens", "12"])
        #expect(outcome.status == 0 && outcome.output.count > 1, "\(outcome.talk)")
        return outcome.output
    }

    @Test func continuesWhatTheTemplateSpells() throws {
        let expected = try plain(Self.spelled)
        #expect(try chat(try model(template: Self.source)).output == expected)
        let escaped = Self.spelled.replacingOccurrences(of: "\n", with: "\\n") + "\\n"
        let listed = """
            [{"name": "tools", "template": "x"}, {"name": "default", "template": "\(escaped)"}]
            """
        #expect(try chat(try model(template: nil, configured: listed)).output == expected)
        let system = try plain("<|im_start|>system\nBe kind.<|im_end|>\n" + Self.spelled)
        #expect(try chat(try model(template: Self.source), ["--system", "Be kind."]).output == system)
        #expect(system != expected)
    }

    @Test func survivesConversion() throws {
        let work = try model(template: Self.source)
        let bundle = work.path("b.mmpack")
        #expect(try MMPackBinary.run(["convert", work.path, "-o", bundle]).status == 0)
        let outcome = try MMPackBinary.run(["run", bundle, "--chat", "--prompt", "hi there", "--max-tokens", "12"])
        #expect(outcome.output == (try plain(Self.spelled)))
    }

    @Test func givesPartsToATemplateThatWantsThem() throws {
        let source = """
            {% for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\\n' }}{% for part in m.content %}\
            {% if part.type == 'text' %}{{ part.text }}{% endif %}{% endfor %}{{ '<|im_end|>\\n' }}{% endfor %}\
            {{ '<|im_start|>assistant\\n' }}
            """
        #expect(try chat(try model(template: source)).output == (try plain(Self.spelled)))
    }

    @Test func saysWhyItCannot() throws {
        func talk(_ template: String?, _ environment: [String: String] = [:]) throws -> String {
            let outcome = try chat(try model(template: template), environment: environment)
            #expect(outcome.status == 65 && outcome.output.isEmpty, "\(outcome.talk)")
            #expect(outcome.talk.split(separator: "\n").count == 1, "\(outcome.talk)")
            return outcome.talk
        }
        #expect(try talk(nil).contains("holds no chat template"))
        #expect(try talk("{{ raise_exception('only\\nFrench') }}").contains("only\\u{a}French"))
        #expect(
            try talk("a\n {% include 'b' %}").contains("line 2, column 2: the block {% include %} is not supported")
        )
        #expect(try talk("{{ strftime_now('%Y') }}").contains("SOURCE_DATE_EPOCH"))
        let dated = try model(template: "{{ strftime_now('%d %b %Y') }}")
        let outcome = try chat(dated, environment: ["SOURCE_DATE_EPOCH": "951782400"])
        #expect(outcome.status == 0)
        #expect(outcome.output == (try plain("29 Feb 2000")))
    }

    @Test func systemNeedsChat() throws {
        let outcome = try MMPackBinary.run(["run", MainJobTests.folder, "--system", "a", "--prompt", "b"])
        #expect(outcome.status == 64 && outcome.talk.contains("--chat"))
    }

    @Test(.enabled(if: Fixture.model("smollm2-135m-instruct-q4_1.gguf") != nil))
    func aRealModelAnswersAndStops() throws {
        let path = try #require(Fixture.model("smollm2-135m-instruct-q4_1.gguf"))
        let outcome = try MMPackBinary.run(["run", path, "--chat", "--prompt", "What is the capital of France?"])
        #expect(outcome.status == 0)
        #expect(outcome.text.contains("Paris"), "\(outcome.text)")
        // The 128 tokens that are allowed would give some 500 bytes.
        #expect(outcome.text.utf8.count < 120, "\(outcome.text)")
    }
}
