package io.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.portcullis.demo.DemoKeys;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code k8s/monitoring/}: what it reads is what a gateway serves that has just started and has not been asked anything. */
class MonitoringIT {
    private static final Path MONITORING = Path.of("k8s/monitoring");
    private static final Pattern METRIC = Pattern.compile("\\b(?:portcullis|resilience4j|http|jvm)_\\w+");

    private static DemoKeys keys;
    private static TestGateway gateway;
    private static String served;

    @BeforeAll
    static void start() {
        keys = DemoKeys.generate();
        gateway = TestGateway.start(
                keys,
                "http://127.0.0.1:9",
                "portcullis.webhook.uri=http://127.0.0.1:9",
                "portcullis.webhook.secret=" + Base64.getEncoder().encodeToString(new byte[32]));
        served = GatewayProcess.get(URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus"))
                .body();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        keys.close();
    }

    private static String read(String file) throws IOException {
        return Files.readString(MONITORING.resolve(file), StandardCharsets.UTF_8);
    }

    private static Set<String> namesServed() {
        return served.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]")[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> namesIn(String text) {
        return METRIC.matcher(text).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyMetricOfTheAlertsIsServedFromTheStart() throws IOException {
        Set<String> names = namesIn(read("alerts.yaml"));

        assertThat(names).hasSizeGreaterThan(5);
        assertThat(namesServed()).containsAll(names);
    }

    /** A query of {@code k8s/README.md}: what it asks for is counted from the start, or its answer would be empty. */
    @Test
    void everySeriesOfTheQueryThatEndsTheWaitIsServedFromTheStart() throws IOException {
        String readme = Files.readString(Path.of("k8s/README.md"));
        MatchResult query = Pattern.compile("```promql\\R.*?(portcullis_\\w+)\\{.*?outcome=~\"([\\w|]+)\"}\\[(\\d+d)]")
                .matcher(readme)
                .results()
                .findFirst()
                .orElseThrow();

        assertThat(readme).contains("`idle-lifetime` (" + query.group(3).replace("d", "") + " days)");
        for (String realm : List.of("dashboard", "app")) {
            for (String outcome : query.group(2).split("\\|")) {
                assertThat(served).contains(query.group(1) + "{outcome=\"" + outcome + "\",realm=\"" + realm + "\"} 0");
            }
        }
    }

    @Test
    void everyMetricOfTheDashboardIsServedFromTheStart() throws IOException {
        Set<String> names = namesIn(read("dashboard.json"));

        assertThat(names).hasSizeGreaterThan(10);
        assertThat(namesServed()).containsAll(names);
    }

    @Test
    void everyMetricOfTheAlertsHasAPanel() throws IOException {
        assertThat(namesIn(read("dashboard.json"))).containsAll(namesIn(read("alerts.yaml")));
    }

    @Test
    void everyLabelValueOfTheAlertsIsServedFromTheStart() throws IOException {
        Set<String> selectors = Pattern.compile("(portcullis_\\w+)\\{(\\w+)=(\"\\w+\")}")
                .matcher(read("alerts.yaml"))
                .results()
                .map(selector -> selector.group(1) + "\\{[^}]*" + selector.group(2) + "=" + selector.group(3))
                .collect(Collectors.toSet());

        assertThat(selectors)
                .hasSizeGreaterThan(4)
                .allMatch(selector -> Pattern.compile(selector).matcher(served).find());
    }

    @Test
    void everyRuleSaysHowBadItIsAndWhatItMeans() throws IOException {
        Map<String, Map<String, List<Map<String, Object>>>> file = new Yaml().load(read("alerts.yaml"));
        @SuppressWarnings("unchecked")
        List<Map<String, Object>> rules = (List<Map<String, Object>>)
                file.get("spec").get("groups").get(0).get("rules");

        assertThat(rules).hasSizeGreaterThan(5).allSatisfy(rule -> {
            assertThat(rule.get("alert").toString()).startsWith("Portcullis");
            assertThat(namesIn(rule.get("expr").toString())).isNotEmpty();
            assertThat(rule.get("expr").toString())
                    .as("one Prometheus may watch several gateways")
                    .doesNotContainPattern("\\b(sum|min|max|avg|count) ?(\\(|by \\((?!namespace\\b))");
            assertThat(rule.get("labels").toString()).matches("\\{severity=(warning|critical)}");
            assertThat(rule.get("annotations").toString()).contains("summary=", "description=");
        });
    }

    @Test
    void everyPanelHasATitleAWordOnItAndAQuery() throws IOException {
        JsonNode panels = JsonMapper.shared().readTree(read("dashboard.json")).get("panels");

        assertThat(panels).hasSizeGreaterThan(8).allSatisfy(panel -> {
            assertThat(panel.get("title").asString()).isNotBlank();
            assertThat(panel.get("description").asString()).isNotBlank();
            assertThat(panel.get("targets"))
                    .isNotEmpty()
                    .allSatisfy(target ->
                            assertThat(namesIn(target.get("expr").asString())).isNotEmpty());
        });
    }

    @Test
    void everyMeterHasARowWithItsTagsAndNoRowIsWithoutAMeter() throws IOException {
        Map<String, Set<String>> rows = new TreeMap<>();
        Pattern.compile("^\\| `(portcullis\\.[^`]+)` \\| (\\w+) \\| ([^|]+) \\|", Pattern.MULTILINE)
                .matcher(read("README.md"))
                .results()
                .forEach(row -> rows.put(row.group(1) + " " + row.group(2), tags(row.group(3))));
        Map<String, Set<String>> meters = new TreeMap<>();
        for (Meter meter : gateway.bean(MeterRegistry.class).getMeters()) {
            Meter.Id id = meter.getId();
            if (id.getName().startsWith("portcullis.")) {
                meters.computeIfAbsent(id.getName() + " " + id.getType().name().toLowerCase(), name -> new TreeSet<>())
                        .addAll(id.getTags().stream().map(Tag::getKey).toList());
            }
        }

        assertThat(rows).containsExactlyEntriesOf(meters);
    }

    private static Set<String> tags(String cell) {
        return Pattern.compile("`(\\w+)`")
                .matcher(cell)
                .results()
                .map(tag -> tag.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
