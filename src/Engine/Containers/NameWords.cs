namespace Gantry.Engine.Containers;

/// <summary>The words that made-up container names are made of: tempers of a harbor's day, and people who built things.</summary>
internal static class NameWords
{
    /// <summary>First halves.</summary>
    public static readonly string[] Adjectives =
    [
        "able", "agile", "amber", "ample", "apt", "balmy", "blithe", "brave", "breezy", "bright", "brisk", "buoyant", "calm", "candid", "canny",
        "cheerful", "chipper", "civil", "clear", "clever", "cordial", "cozy", "crisp", "curious", "daring", "dapper", "deft", "dewy", "eager", "earnest",
        "easy", "even", "fair", "fearless", "festive", "fleet", "fluent", "fond", "frank", "fresh", "gallant", "gentle", "gleaming", "glad", "golden",
        "grand", "hardy", "hearty", "honest", "humble", "jaunty", "jolly", "keen", "kind", "lively", "lofty", "loyal", "lucid", "lucky", "mellow",
        "merry", "mild", "mindful", "neat", "nimble", "noble", "patient", "placid", "plucky", "polished", "prompt", "proud", "quick", "quiet", "radiant",
        "ready", "robust", "rosy", "sage", "serene", "sharp", "silver", "sincere", "sleek", "snug", "sober", "spry", "steady", "stout", "sturdy",
        "sunny", "swift", "tidy", "tranquil", "trusty", "upbeat", "valiant", "vivid", "warm", "watchful", "willing", "witty", "worthy", "zesty",
    ];

    /// <summary>Second halves: engineers, shipwrights, mathematicians.</summary>
    public static readonly string[] Surnames =
    [
        "abbe", "ampere", "arkwright", "arup", "babbage", "baird", "baker", "bazalgette", "bell", "benz", "bessemer", "boole", "braun", "brindley", "brunel",
        "candela", "carnot", "cayley", "clarke", "coriolis", "coulomb", "daimler", "davy", "diesel", "dyson", "eads", "edgerton", "eiffel", "ellet", "ericsson",
        "euler", "fairbairn", "faraday", "fourier", "freyssinet", "froude", "fulton", "galvani", "gauss", "goethals", "hamilton", "harrison", "hertz", "hooke", "huygens",
        "jessop", "joule", "kelvin", "khan", "kirchhoff", "lagrange", "lamarr", "latrobe", "leibniz", "linde", "locke", "maillart", "marconi", "maudslay", "maxwell",
        "menai", "menn", "mitchell", "morse", "napier", "nasmyth", "navier", "nervi", "newcomen", "nobel", "noether", "ohm", "otis", "papin", "parsons",
        "pascal", "pelton", "perronet", "planck", "poisson", "prony", "rankine", "rennie", "reynolds", "riquet", "roebling", "savery", "siemens", "smeaton", "stephenson",
        "stevin", "strauss", "sullivan", "telford", "tesla", "thales", "torroja", "trevithick", "tsiolkovsky", "vauban", "volta", "watt", "wheatstone", "whitworth", "zuse",
    ];
}
