package io.portcullis.leaks;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.portcullis.SecurityLine;
import java.lang.reflect.RecordComponent;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is printed of ours is printed by {@code toString}, and a record's tells all of it unless it is told otherwise. So
 * each text in a record is taken for a secret that is not in this list, and so is each text in whatever is new.
 */
class SecretsInTextTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.portcullis");

    /** Names, ids, hashes, what a deployer configures besides secrets, what is told of mistakes, and what is sealed. */
    private static final Set<String> HARMLESS = Set.of("""
            AbandonedAttempts$Presented.name AdoptionClaim$Adopted.sealed AttemptId.value BackendAnswer$Nothing.why
            BearerTokens.headers BearerTokens.queryParameters BodyCondition.member BodyCondition.values
            ClientAddress$Authority.text Meaning.name Meaning.trimmed ClaimSeal$Owner.realm ClaimsToChange$Unchangeable.problem
            CorsProperties.allowedHeaders CorsProperties.allowedMethods CorsProperties.allowedOriginPatterns
            CorsProperties.allowedOrigins CorsProperties.exposedHeaders EndingCause.operator
            ForwardedElement.host ForwardedElement.node ForwardedElement.proto ForwardedProperties.trustedProxies
            JsonMembers$Member.name JwkSetFile$Unusable.problems KeptCalls$Kept.key KeyEvents$Purpose.name
            LenientPath$Settling.text LenientPath.texts Operator.name OperatorEvents$Call.claims OperatorEvents$Call.name
            OperatorEvents$Call.realm OperatorsProperties.certificates
            PortcullisProperties$BackendRefreshProperties.backendUri PortcullisProperties$StoreProperties.keyPrefix
            PortcullisProperties.issuer Realm.name RealmKeyFiles$Judgement$Refused.problems
            RealmProperties$AdoptionProperties.requiredClaims RefreshTokenKeys$Signer.headerSegment
            RefreshTokenKeys$Verifier.realms Replicas$Sign.name RequestOrigin.host RequestOrigin.scheme
            RequiredClaims.values RevocationProperties.headers
            RevocationProperties.queryParameters RevocationStream$Announcement.realm RevokedSession.realm
            RevokedSessions$Entry.id RevokedSessions$Entry.realm Script.sha1 Script.text ScriptAnswer.values
            SessionDescription$Revoked.reason SessionDescription.id SessionDescription.realm SessionDescription.status
            SessionDescription.subject SessionEnder$Ending.whose SessionEvent.client SessionEvent.details SessionEvent.id
            SessionEvent.realm SessionEvent.type SessionId.value SessionRecord.realm SessionRef.realm SessionState.realm
            SessionsEndpoint$AllEnded.ended SessionsEndpoint$Ended.id SessionsEndpoint$Ended.outcome
            SessionsEndpoint$Problem.error SubjectHash.value SubjectRef.realm TokenHash.value TracingProperties.endpoint
            """.strip().split("\\s+"));

    static Stream<Arguments> components() {
        return MAIN.stream()
                .filter(JavaClass::isRecord)
                .map(JavaClass::reflect)
                .flatMap(type -> Stream.of(type.getRecordComponents())
                        .map(RecordComponent::getName)
                        .map(name -> Arguments.of(type.getName().replaceFirst(".*\\.", "") + "." + name, type, name)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("components")
    @SecurityLine(31)
    void noRecordSaysASecret(String component, Class<?> type, String name) {
        boolean told = MarkedRecords.make(type, name).toString().contains(MarkedRecords.MARK.substring(0, 6));

        assertThat(told).as(component).isEqualTo(HARMLESS.contains(component));
    }

    @Test
    void theListNamesNothingElse() {
        assertThat(components().map(component -> component.get()[0])).containsAll(HARMLESS);
    }
}
