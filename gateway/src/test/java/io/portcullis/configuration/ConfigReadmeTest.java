package io.portcullis.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.portcullis.edge.OpenSessionGatewayFilterFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Parameter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code config/README.md} names what there is, and nothing else. */
class ConfigReadmeTest {
    private static final Path CONFIG = Path.of("config");
    private static final String NO_DEFAULT = "-";
    private static final String EMPTY_LIST = "[]";
    private static final String REALM = "portcullis.realms.<realm>.";
    private static final Set<String> OF_SPRING_BOOT =
            Set.of("SERVER_PORT", "MANAGEMENT_SERVER_PORT", "SPRING_DATA_REDIS_URL");

    private final String readme = read(CONFIG.resolve("README.md"));

    @Test
    void everyPropertyHasARowWithItsDefaultAndNoRowIsWithoutAProperty() throws URISyntaxException {
        Map<String, String> properties = new TreeMap<>();
        addGeneratedMetadata(properties);
        addRealm(properties, REALM, RealmProperties.class);
        assertThat(properties).hasSizeGreaterThan(10);

        assertThat(rows("portcullis\\.[^`]+")).containsExactlyEntriesOf(properties);
    }

    @Test
    void everyRowSaysWhatThePropertyMeans() {
        assertThat(readme.lines().filter(line -> line.startsWith("| `portcullis.")))
                .isNotEmpty()
                .allMatch(row -> row.split("\\|")[3].trim().length() > 10);
    }

    @Test
    void everyVariableOfTheFilesHasARowAndNoRowIsWithoutAVariable() {
        Set<String> variables = new TreeSet<>(OF_SPRING_BOOT);
        for (String file : new String[] {"application.yml", "routes.yml", "realms.yml"}) {
            Pattern.compile("\\$\\{(\\w+)")
                    .matcher(read(CONFIG.resolve(file)))
                    .results()
                    .map(placeholder -> placeholder.group(1))
                    .forEach(variables::add);
        }

        assertThat(rows("[A-Z_]+").keySet()).isEqualTo(variables);
    }

    @Test
    void everyFilterHasARowAndNoRowIsWithoutAFilter() throws IOException, URISyntaxException {
        String suffix = "GatewayFilterFactory.class";
        Set<String> filters;
        try (Stream<Path> classes = Files.list(classes(OpenSessionGatewayFilterFactory.class)
                .resolve(OpenSessionGatewayFilterFactory.class.getPackageName().replace('.', '/')))) {
            filters = classes.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .map(name -> name.substring(0, name.length() - suffix.length()))
                    .collect(Collectors.toSet());
        }
        assertThat(filters).isNotEmpty();

        Set<String> named = Pattern.compile("^\\| `([A-Z][a-z]\\w+)(=<\\w+>[^`]*)?` \\|", Pattern.MULTILINE)
                .matcher(readme)
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toSet());
        assertThat(named).isEqualTo(filters);
    }

    @Test
    void everyFileHasARow() throws IOException {
        try (Stream<Path> files = Files.list(CONFIG)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".yml")))
                    .isNotEmpty()
                    .allMatch(name -> readme.contains("| `" + name + "` |"));
        }
    }

    private Map<String, String> rows(String name) {
        return Pattern.compile("^\\| `(" + name + ")` \\| (?:`([^`]*)`|-) \\|", Pattern.MULTILINE)
                .matcher(readme)
                .results()
                .collect(Collectors.toMap(
                        row -> row.group(1), ConfigReadmeTest::defaultOf, (one, other) -> one + other, TreeMap::new));
    }

    private static String defaultOf(JsonNode property) {
        boolean isList = property.path("type").asString().startsWith("java.util.List");
        return property.path("defaultValue").asString(isList ? EMPTY_LIST : NO_DEFAULT);
    }

    private static String defaultOf(MatchResult row) {
        return row.group(2) == null ? NO_DEFAULT : row.group(2);
    }

    private static void addGeneratedMetadata(Map<String, String> properties) throws URISyntaxException {
        Path metadata = classes(PortcullisProperties.class).resolve("META-INF/spring-configuration-metadata.json");
        for (JsonNode property : JsonMapper.shared().readTree(read(metadata)).path("properties")) {
            String name = property.path("name").asString();
            // an endpoint's switches are Spring Boot's; a map is one entry there: what is in it comes from its record
            if (name.startsWith("portcullis.") && !name.equals("portcullis.realms")) {
                properties.put(name, defaultOf(property));
            }
        }
    }

    private static void addRealm(Map<String, String> properties, String prefix, Class<?> type) {
        for (Parameter parameter : type.getDeclaredConstructors()[0].getParameters()) {
            String name = prefix + kebab(parameter.getName());
            if (parameter.getType().isRecord()) {
                addRealm(properties, name + ".", parameter.getType());
            } else {
                DefaultValue byDefault = parameter.getAnnotation(DefaultValue.class);
                properties.put(
                        name,
                        byDefault == null || byDefault.value().length == 0
                                ? NO_DEFAULT
                                : byDefault.value()[0]);
            }
        }
    }

    private static String kebab(String camelCase) {
        String kebab = camelCase.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        return ConfigurationPropertyName.of(kebab).toString();
    }

    private static Path classes(Class<?> ofOurs) throws URISyntaxException {
        return Path.of(
                ofOurs.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
