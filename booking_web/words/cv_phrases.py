# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wordings for a CV, trade by trade: short, true of many, to be changed at will. Data only.

They are French whatever language the page is read in: they go into the CV.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trade:
    """A trade and what people do in it, each beginning with a verb."""

    name: str
    phrases: tuple[str, ...]


TRADES = (
    Trade(
        "Agriculture, élevage",
        (
            "Conduire un tracteur et les outils attelés",
            "Soigner et nourrir les animaux, surveiller leur santé",
            "Traire, entretenir la salle de traite",
            "Semer, planter, récolter selon la saison",
            "Réparer clôtures et petit matériel",
        ),
    ),
    Trade(
        "Aide à domicile, soin",
        (
            "Aider à la toilette, à l'habillage et aux repas",
            "Préparer des repas adaptés à chacun",
            "Entretenir le logement et le linge",
            "Accompagner aux courses et aux rendez-vous",
            "Prévenir la famille ou l'infirmière en cas de changement",
        ),
    ),
    Trade(
        "Bâtiment, travaux publics",
        (
            "Préparer le chantier et approvisionner le poste",
            "Monter des murs, couler des dalles",
            "Poser carrelage, plaques de plâtre et isolation",
            "Lire un plan et prendre des mesures",
            "Respecter les règles de sécurité du chantier",
        ),
    ),
    Trade(
        "Commerce, caisse",
        (
            "Accueillir, conseiller et servir les clients",
            "Tenir la caisse, rendre la monnaie, contrôler le fond de caisse",
            "Mettre en rayon et vérifier les dates",
            "Recevoir les livraisons, tenir l'inventaire",
            "Régler une réclamation avec calme",
        ),
    ),
    Trade(
        "Conduite, transport",
        (
            "Conduire un véhicule léger ou un poids lourd",
            "Livrer à l'heure et faire signer les bons",
            "Charger, arrimer et décharger",
            "Préparer une tournée, suivre un itinéraire",
            "Vérifier le véhicule avant le départ",
        ),
    ),
    Trade(
        "Cuisine, restauration",
        (
            "Préparer entrées, plats et desserts",
            "Dresser les tables et servir en salle",
            "Respecter l'hygiène et la chaîne du froid",
            "Faire la plonge, nettoyer la cuisine",
            "Tenir les stocks, passer les commandes",
        ),
    ),
    Trade(
        "Enfance",
        (
            "Accueillir l'enfant et sa famille",
            "Donner le repas, changer, endormir",
            "Proposer des jeux selon l'âge",
            "Surveiller et assurer la sécurité d'un groupe",
            "Tenir un cahier de liaison",
        ),
    ),
    Trade(
        "Espaces verts",
        (
            "Tondre, tailler, débroussailler",
            "Planter et arroser massifs et arbres",
            "Entretenir le matériel à moteur",
            "Ramasser et évacuer les déchets verts",
        ),
    ),
    Trade(
        "Industrie, conditionnement",
        (
            "Alimenter et surveiller une ligne de production",
            "Contrôler la qualité, mettre de côté les défauts",
            "Emballer, étiqueter, mettre en palettes",
            "Régler une machine simple, changer un outil",
            "Tenir les cadences dans le respect des consignes",
        ),
    ),
    Trade(
        "Logistique, magasin",
        (
            "Recevoir, contrôler et ranger la marchandise",
            "Préparer des commandes avec un lecteur de codes",
            "Conduire un chariot élévateur (CACES)",
            "Charger et décharger les camions",
            "Tenir un inventaire",
        ),
    ),
    Trade(
        "Mécanique, entretien",
        (
            "Trouver une panne et la réparer",
            "Faire vidanges, freins et pneumatiques",
            "Entretenir des machines selon un calendrier",
            "Souder et ajuster des pièces",
        ),
    ),
    Trade(
        "Propreté",
        (
            "Nettoyer bureaux, sanitaires et parties communes",
            "Utiliser une autolaveuse ou une monobrosse",
            "Doser les produits, respecter les consignes",
            "Travailler tôt le matin ou le soir, seul ou en équipe",
        ),
    ),
    Trade(
        "Secrétariat, accueil",
        (
            "Accueillir le public, répondre au téléphone",
            "Écrire des courriers et des courriels",
            "Classer, saisir et mettre à jour des dossiers",
            "Prendre et rappeler des rendez-vous",
            "Utiliser un traitement de texte et un tableur",
        ),
    ),
    Trade(
        "Qualités, pour tous les métiers",
        (
            "Ponctuel, je préviens si j'ai un empêchement",
            "Je travaille aussi bien seul qu'en équipe",
            "J'apprends vite et je pose des questions",
            "Disponible tout de suite, week-end compris",
            "Je m'adapte à des horaires décalés",
        ),
    ),
)


def phrase(number: int) -> str | None:
    """Give a wording by its place among all of them; None where there is no such one."""
    every = [each for trade in TRADES for each in trade.phrases]
    return every[number] if 0 <= number < len(every) else None
