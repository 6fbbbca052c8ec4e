namespace Gantry.Cli.Init;

/// <summary>Java: a pom.xml, or a build.gradle of either language.</summary>
internal sealed class JavaProject : IProjectKind
{
    public string Name => "java";

    public string Title => "Java";

    public IReadOnlyList<string> Ignored => ["target", "build", ".gradle", "*.class", ".idea"];

    public bool Matches(ProjectFolder folder) => folder.Has("pom.xml") || IsGradle(folder);

    public string Dockerfile(ProjectFolder folder) => folder.Has("pom.xml") || !IsGradle(folder) ? Maven(folder) : Gradle(folder);

    private static bool IsGradle(ProjectFolder folder) => folder.Has("build.gradle") || folder.Has("build.gradle.kts");

    private static string Maven(ProjectFolder folder) => Both(
        folder.Has("mvnw") ? "eclipse-temurin:21-jdk" : "maven:3-eclipse-temurin-21",
        $"""
        COPY . .
        RUN --mount=type=cache,target=/root/.m2 {(folder.Has("mvnw") ? "sh ./mvnw" : "mvn")} --batch-mode package -DskipTests && cp $(ls target/*.jar | grep -v -e sources -e javadoc -e original | head -n 1) /app.jar
        """);

    private static string Gradle(ProjectFolder folder) => Both(
        folder.Has("gradlew") ? "eclipse-temurin:21-jdk" : "gradle:8-jdk21",
        $"""
        COPY . .
        RUN --mount=type=cache,target=/root/.gradle GRADLE_USER_HOME=/root/.gradle {(folder.Has("gradlew") ? "sh ./gradlew" : "gradle")} --no-daemon assemble && cp $(ls build/libs/*.jar | grep -v -e plain -e sources | head -n 1) /app.jar
        """);

    private static string Both(string image, string build) => $"""
        # syntax=docker/dockerfile:1

        FROM {image} AS build
        WORKDIR /src
        {build}

        FROM eclipse-temurin:21-jre AS final
        RUN useradd --uid 10001 --create-home app
        USER app
        COPY --from=build /app.jar /app.jar
        EXPOSE 8080
        ENTRYPOINT ["java", "-jar", "/app.jar"]

        """;
}
